// What the server tells of groups: who comes and goes, and what becomes of the group. A group
// that is open says each as a small line among its messages.
import { t } from "../../i18n.js";
import { personName } from "../model/people.js";
import { idOf, readPicture } from "./wire.js";

export function listenToGroups(session) {
  changing(session);
  ending(session);
}

function changing(session) {
  const { line, chats } = session;
  const name = (event, user) => (user === chats.me.id ? "" : (nameOf(chats, idOf(event), user) ?? personName(event.Name) ?? ""));
  // about makes a line of news: who did what to whom, each empty if it was me.
  const on = (event, key, whom) => {
    line.on(event, (told) => {
      const user = whom(told);
      note(session, told, { key, by: told.By, byName: name(told, told.By), user, name: name(told, user) });
    });
  };
  on("add-member-success", "added", (told) => told.Member);
  on("kickout-successful", "removed", (told) => told.Member ?? told.User);
  on("someone-kicked-out", "removed", (told) => told.Member ?? told.User);
  on("change-admin-success-creator", "owner", (told) => told.Member);
  on("change-admin-success-receiver", "owner", (told) => told.Member);
  on("user-left-grp", "left", (told) => told.User);
  line.on("role-changed", (told) => {
    const key = told.Role === "admin" ? "promoted" : "demoted";
    note(session, told, { key, by: told.By, byName: name(told, told.By), user: told.Member, name: name(told, told.Member) });
  });
  line.on("group-changed", (told) => {
    const key = chats.get(idOf(told))?.name === told.Name ? "pictured" : "renamed";
    chats.update(idOf(told), { name: told.Name });
    chats.pictured(idOf(told), readPicture(told));
    note(session, told, { key, by: told.By, byName: name(told, told.By), name: told.Name });
  });
}

function ending(session) {
  const { line, chats } = session;
  line.on("kicked-out", (told) => {
    const group = told.GroupName ?? chats.get(idOf(told))?.name;
    session.gone(idOf(told), t("gone.removed", { group }));
  });
  line.on("group-left-success", (told) => session.gone(idOf(told)));
  line.on("delete-group-chat-creator", (told) => session.gone(idOf(told)));
  line.on("delete-grp-success-receiver", (told) => {
    const group = chats.get(idOf(told))?.name ?? told.GroupName ?? "";
    session.gone(idOf(told), t("gone.deleted", { group }));
  });
}

// note adds a line of news to a group that was opened, and fetches its people anew.
function note(session, told, news) {
  const chat = session.chats.get(idOf(told));
  if (!chat) return;
  const timeline = session.history.of(chat.id);
  if (told.Seq) timeline.live({ seq: told.Seq, from: told.By, at: Date.now(), news });
  if (timeline.loaded || chat.details) session.history.details(chat.id).catch(() => {});
  session.changes.tell();
}

function nameOf(chats, id, user) {
  return chats.get(id)?.details?.members.find((member) => member.id === user)?.name;
}
