// A group's details: what it is about, who is in it, and what I may do about that. Owner and
// admins add and remove people; only the owner passes the role on or deletes, and can't
// leave.
import { t } from "../../i18n.js";
import { html, useEffect, useState } from "../../vendor/preact.standalone.module.js";
import { Avatar } from "./avatar.js";
import { Confirm, Dialog } from "./dialog.js";
import { PeopleSearch } from "./people.js";
import { PictureField } from "./picture.js";

export function GroupDetails({ session, chat, close }) {
  const [question, setQuestion] = useState();
  const details = chat.details ?? { members: [], description: "" };
  const me = details.members.find(({ id }) => id === session.chats.me.id);
  const inCharge = me?.role === "owner" || me?.role === "admin";
  const members = new Set(details.members.map(({ id }) => id));
  useEffect(() => {
    session.history.details(chat.id).catch((error) => session.toasts.fail(error));
  }, []);

  // What I do comes back as an event, and with it the new details.
  const act = async (event, member) => {
    try {
      await session.line.ask(event, { GroupId: chat.id, Member: member });
    } catch (error) {
      session.toasts.fail(error);
    }
  };
  const ask = (key, event, member) => setQuestion({ key, event, member });
  return html`
    <${Dialog} title=${html`<bdi>${chat.name}</bdi>`} close=${close}>
      ${inCharge && html`<${PictureField} session=${session} id=${chat.id} name=${chat.name} path="/groups/${chat.id}/picture" label=${t("picture.group")} />`}
      ${details.description ? html`<p class="description" dir="auto">${details.description}</p>` : html`<p class="faint">${t("details.noDescription")}</p>`}
      <h3>${t("group.members", { count: details.members.length })}</h3>
      <ul class="people members" aria-label=${t("details.members")}>
        ${details.members.map((member) => html`<${Member} key=${member.id} session=${session} member=${member} me=${me} inCharge=${inCharge} ask=${ask} />`)}
      </ul>
      ${inCharge && html`<${PeopleSearch} session=${session} label=${t("details.add")} except=${(id) => members.has(id)} pick=${({ id }) => act("add-member", id)} />`}
      <footer class="apart">
        ${me?.role === "owner" && html`<p class="faint">${t("details.ownerStays")}</p>`}
        ${me?.role === "owner" && html`<button type="button" class="danger" onClick=${() => ask("delete", "delete-grp")}>${t("details.delete")}</button>`}
        ${me && me.role !== "owner" && html`<button type="button" class="danger" onClick=${() => ask("leave", "leave-grp")}>${t("details.leave")}</button>`}
      </footer>
      ${question && html`
        <${Confirm} close=${() => setQuestion(undefined)} label=${t(`details.${question.key}`)}
          question=${t(`details.${question.key}.sure`, { name: `\u2068${question.member?.name ?? chat.name}\u2069` })}
          act=${() => act(question.event, question.member?.id)} />`}
    <//>`;
}

function Member({ session, member, me, inCharge, ask }) {
  const { id, name, role } = member;
  const mine = id === me?.id;
  const online = mine || session.chats.isOnline(id);
  return html`
    <li data-member=${id} data-role=${role}>
      <${Avatar} id=${id} name=${name} picture=${session.chats.picture(id)} online=${online} small />
      <span class="who"><bdi>${name}</bdi>${mine && html` <small>${t("find.you")}</small>`}${online && html`<span class="unseen">, ${t("presence.online")}</span>`}</span>
      ${role !== "member" && html`<small class="role">${t(`role.${role}`)}</small>`}
      ${!mine && me?.role === "owner" && html`<button type="button" class="quiet" aria-label=${t("details.pass.label", { name })} onClick=${() => ask("pass", "change-admin", member)}>${t("details.pass")}</button>`}
      ${!mine && inCharge && role !== "owner" && html`<button type="button" class="quiet danger" aria-label=${t("details.kick.label", { name })} onClick=${() => ask("kick", "kickout", member)}>${t("details.kick")}</button>`}
    </li>`;
}
