// The list of chats, with the search for people above it.
import { t } from "../../i18n.js";
import { html, useState } from "../../vendor/preact.standalone.module.js";
import { ChatRow, nameOf } from "./chatrow.js";
import { Icon } from "./icons.js";
import { PeopleSearch } from "./people.js";

export function Sidebar({ session, open, show }) {
  const [query, setQuery] = useState("");
  const { chats } = session;
  const wanted = query.trim().toLocaleLowerCase();
  const list = chats.inOrder().filter((chat) => !wanted || nameOf(chat).toLocaleLowerCase().includes(wanted));
  const start = async (person) => {
    try {
      location.hash = await session.startChat(person);
    } catch (error) {
      session.toasts.fail(error);
    }
  };
  return html`
    <nav class="sidebar" aria-label=${t("list.label")}>
      <header class="bar">
        <h1>ExpressChat</h1>
        <button class="bare" aria-label=${t("newgroup.title")} title=${t("newgroup.title")} onClick=${() => show("new-group")}><${Icon} name="group" /></button>
        <button class="bare" aria-label=${t("settings.title")} title=${t("settings.title")} onClick=${() => show("settings")}><${Icon} name="settings" /></button>
      </header>
      <div class="finder"><${PeopleSearch} session=${session} label=${t("find.people")} pick=${start} onQuery=${setQuery} /></div>
      <ul class="chats" aria-label=${t("list.label")} onKeyDown=${walk}>
        ${list.map((chat) => html`<${ChatRow} key=${chat.id} session=${session} chat=${chat} open=${chat.id === open} />`)}
      </ul>
      ${session.ready && !wanted && list.length < 2 && html`<p class="hint">${t("list.empty")}</p>`}
    </nav>`;
}

// walk moves the focus through the list with the arrow keys.
function walk(event) {
  const links = [...event.currentTarget.querySelectorAll("a[data-chat]")];
  const at = links.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
  if (to === undefined || !links[to]) return;
  event.preventDefault();
  links[to].focus();
}
