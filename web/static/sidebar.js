// The list of chats, with what is unread in each.
import { avatar, byId, el } from "./dom.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

function when(time) {
  if (!time?.getTime()) return "";
  return (time.toDateString() === new Date().toDateString() ? clock : date).format(time);
}

function row(chat, open) {
  const link = el(
    "a",
    { href: `#${chat.id}`, className: "row" },
    avatar(chat.id, chat.name),
    el("span", { className: "name", textContent: chat.name }),
    el("small", { textContent: when(chat.last) }),
  );
  if (chat.unread > 0) {
    link.append(el("b", { className: "badge", textContent: chat.unread > 99 ? "99+" : chat.unread, title: `${chat.unread} unread` }));
  }
  if (chat.id === open) link.ariaCurrent = "page";
  return el("li", {}, link);
}

// showChats draws all lists, and marks the chat that is open.
export function showChats(chats, open) {
  for (const kind of ["self", "personal", "group"]) {
    byId(`${kind}-list`).replaceChildren(...chats.of(kind).map((chat) => row(chat, open)));
  }
  byId("me").textContent = chats.me.name;
  document.title = chats.unread > 0 ? `(${chats.unread}) ExpressChat` : "ExpressChat";
}
