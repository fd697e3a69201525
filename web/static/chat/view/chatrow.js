// A chat in the list: who, what was said last, when, and how much of it is unread.
import { t } from "../../i18n.js";
import { html } from "../../vendor/preact.standalone.module.js";
import { gist } from "../live/wording.js";
import { Avatar } from "./avatar.js";
import { fullTime, listTime } from "./times.js";

export function ChatRow({ session, chat, open }) {
  const { chats } = session;
  const online = chat.kind === "personal" && chats.isOnline(chat.partner);
  const at = chat.last?.at ?? session.outbox.of(chat.id).at(-1)?.at ?? 0;
  const { busy, draft, before, text } = lastLine(session, chat, open);
  return html`
    <li>
      <a class="chat" href="#${chat.id}" data-chat=${chat.id} data-unread=${chat.unread} data-kind=${chat.kind} aria-current=${open ? "page" : undefined}>
        <${Avatar} id=${chat.partner ?? chat.id} name=${chat.name} kind=${chat.kind} picture=${chats.picture(chat.partner ?? chat.id)} online=${online} />
        <span class="who"><bdi>${nameOf(chat)}</bdi>${online && html`<span class="unseen">, ${t("presence.online")}</span>`}</span>
        ${at > 0 && html`<time class="when" datetime=${new Date(at).toISOString()} title=${fullTime(at)}>${listTime(at)}</time>`}
        <span class="last ${busy ? "busy" : ""} ${draft ? "draft" : ""}">
          ${before && html`<span class="before">${before}</span>`}
          <span class="cut" dir="auto">${text}</span>
        </span>
        ${chat.unread > 0 && html`<span class="badge ${chat.muted ? "muted" : ""}"><span aria-hidden="true">${t("count", { count: chat.unread })}</span><span class="unseen">${t("list.unread", { count: chat.unread })}</span></span>`}
      </a>
    </li>`;
}

// nameOf is what a chat is called in the list.
export function nameOf(chat) {
  return chat.kind === "self" ? t("self.name") : chat.name;
}

// lastLine is who is typing, else what I began, else what was said last. Before it stands
// whose it is, apart, as that may be written in the other direction.
function lastLine(session, chat, open) {
  const { chats, drafts, outbox } = session;
  const typists = chats.typists(chat.id, Date.now());
  if (typists.length > 0) return { busy: true, text: typing(chat, typists) };
  const draft = open ? "" : drafts.get(chats.me.id, chat.id);
  if (draft) return { draft: true, before: t("list.draft"), text: flat(draft) };
  const entry = outbox.of(chat.id).at(-1);
  if (entry) return { before: t("list.mine"), text: flat(gist({ content: entry.content, media: entry.attachment })) };
  if (!chat.last) return { text: t(`list.none.${chat.kind}`) };
  return { before: speaker(chats, chat), text: flat(gist(chat.last)) };
}

function speaker(chats, { kind, last }) {
  if (kind === "self") return undefined;
  if (last.from === chats.me.id) return t("list.mine");
  return kind === "group" && last.sender ? t("list.theirs", { name: `\u2068${last.sender}\u2069` }) : undefined;
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
