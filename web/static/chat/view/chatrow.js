// A chat in the list: who, what was said last, when, and how much of it is unread.
import { t } from "../../i18n.js";
import { html } from "../../vendor/preact.standalone.module.js";
import { Avatar } from "./avatar.js";
import { nameOf } from "./sidebar.js";
import { fullTime, listTime } from "./times.js";

export function ChatRow({ session, chat, open }) {
  const { chats } = session;
  const online = chat.kind === "personal" && chats.isOnline(chat.partner);
  const { at, line, draft } = lastLine(session, chat, open);
  return html`
    <li>
      <a class="chat" href="#${chat.id}" data-chat=${chat.id} data-unread=${chat.unread} data-kind=${chat.kind} aria-current=${open ? "page" : undefined}>
        <${Avatar} id=${chat.partner ?? chat.id} name=${chat.name} kind=${chat.kind} online=${online} />
        <span class="who"><bdi>${nameOf(chat)}</bdi>${online && html`<span class="unseen">, ${t("presence.online")}</span>`}</span>
        ${at > 0 && html`<time class="when" datetime=${new Date(at).toISOString()} title=${fullTime(at)}>${listTime(at)}</time>`}
        <span class="last ${draft ? "has-draft" : ""}" dir="auto">${line}</span>
        ${chat.unread > 0 && html`<span class="badge ${chat.muted ? "muted" : ""}"><span aria-hidden="true">${t("count", { count: chat.unread })}</span><span class="unseen">${t("list.unread", { count: chat.unread })}</span></span>`}
      </a>
    </li>`;
}

// lastLine is who is typing, else what I began, else what was said last.
function lastLine(session, chat, open) {
  const { chats, drafts, outbox } = session;
  const at = chat.last?.at ?? chat.at;
  const typists = chats.typists(chat.id, Date.now());
  if (typists.length > 0) return { at, line: html`<em>${typing(chat, typists)}</em>` };
  const draft = open ? "" : drafts.get(chats.me.id, chat.id);
  if (draft) return { at, draft, line: html`<b>${t("list.draft")}</b> ${flat(draft)}` };
  const entry = outbox.of(chat.id).at(-1);
  if (entry) return { at: entry.at, line: t("list.mine", { text: flat(entry.content) }) };
  if (!chat.last) return { at, line: t(`list.none.${chat.kind}`) };
  return { at, line: said(chats, chat) };
}

function said(chats, chat) {
  const { from, sender, content } = chat.last;
  const text = flat(content);
  if (chat.kind === "self") return text;
  if (from === chats.me.id) return t("list.mine", { text });
  return chat.kind === "group" && sender ? html`<bdi>${sender}</bdi>: ${text}` : text;
}

// typing is who is busy writing, in words.
export function typing(chat, typists) {
  if (typists.every(({ status }) => status === "recording")) return t("typing.recording");
  if (chat.kind !== "group") return t("typing.one");
  if (typists.length === 1) return t("typing.named", { name: typists[0].name });
  return t("typing.many", { count: typists.length });
}

// flat is a beginning of a text in one line; no list shows more.
function flat(text) {
  return text.slice(0, 120).replace(/\s+/g, " ");
}
