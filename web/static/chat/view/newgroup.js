// Making a group: its name, what it is about, and who is in it.
import { t } from "../../i18n.js";
import { html, useState } from "../../vendor/preact.standalone.module.js";
import { inWords } from "../live/toasts.js";
import { Avatar } from "./avatar.js";
import { Dialog } from "./dialog.js";
import { Icon } from "./icons.js";
import { PeopleSearch } from "./people.js";

export function NewGroup({ session, close }) {
  const [people, setPeople] = useState([]);
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const chosen = new Set([session.chats.me.id, ...people.map(({ id }) => id)]);
  const create = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const name = form.get("name").trim();
    if (!name) return setError(t("newgroup.nameless"));
    setBusy(true);
    try {
      const id = await session.createGroup(name, form.get("description").trim(), people.map((person) => person.id));
      close();
      location.hash = id;
    } catch (failure) {
      setError(inWords(failure.code, failure.message));
      setBusy(false);
    }
  };
  return html`
    <${Dialog} title=${t("newgroup.title")} close=${close}>
      <form onSubmit=${create} novalidate>
        <label>${t("newgroup.name")}<input name="name" required maxlength="64" autocomplete="off" dir="auto" aria-describedby="newgroup-error" /></label>
        <label>${t("newgroup.description")}<textarea name="description" rows="2" maxlength="1000" dir="auto" /></label>
        <div class="label" aria-hidden="true">${t("newgroup.people")}</div>
        <${Chips} session=${session} people=${people} drop=${(id) => setPeople(people.filter((person) => person.id !== id))} />
        <${PeopleSearch} session=${session} label=${t("newgroup.find")} except=${(id) => chosen.has(id)} pick=${(person) => setPeople([...people, person])} />
        <p class="error" id="newgroup-error" role="alert">${error}</p>
        <footer>
          <button type="button" class="quiet" onClick=${close}>${t("cancel")}</button>
          <button class="main" disabled=${busy}>${t("newgroup.create")}</button>
        </footer>
      </form>
    <//>`;
}

function Chips({ session, people, drop }) {
  if (people.length === 0) return null;
  return html`
    <ul class="chips" aria-label=${t("newgroup.chosen")}>
      ${people.map(({ id, name }) => html`
        <li key=${id} class="chip">
          <${Avatar} id=${id} name=${name} picture=${session.chats.picture(id)} small />
          <bdi>${name}</bdi>
          <button type="button" class="bare" aria-label=${t("newgroup.drop", { name })} title=${t("newgroup.drop", { name })} onClick=${() => drop(id)}><${Icon} name="close" /></button>
        </li>`)}
    </ul>`;
}
