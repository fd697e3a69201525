// The messages of a conversation as list items.
import { el } from "./dom.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });

// showBubbles brings a list up to date. Items that stay are not touched, so that what
// somebody has selected stays selected.
export function showBubbles(list, chat, conversation, again) {
  const items = [];
  let previous;
  for (const message of conversation.messages) {
    const today = message.at.toDateString();
    if (today !== previous?.at.toDateString()) {
      items.push({ key: `day ${today}`, make: () => el("li", { className: "day", textContent: day.format(message.at) }) });
      previous = undefined;
    }
    const named = chat.kind === "group" && !message.mine && message.sender !== previous?.sender;
    items.push({ key: message.id, make: () => bubble(message, named), status: status(chat, message) });
    previous = message;
  }
  for (const message of conversation.unsent) {
    items.push({ key: `${message.clientId} ${message.failed}`, make: () => unsent(message, again) });
  }
  arrange(list, items);
}

function bubble(message, named) {
  const item = el("li", { className: message.mine ? "bubble mine" : "bubble" });
  if (named) item.append(el("b", { className: "sender", textContent: message.sender }));
  item.append(
    el("p", { textContent: message.content }),
    el("small", {}, el("time", { textContent: clock.format(message.at), dateTime: message.at.toISOString() }), el("span", { className: "status" })),
  );
  return item;
}

function unsent(message, again) {
  const item = el("li", { className: "bubble mine unsent" }, el("p", { textContent: message.content }));
  const state = el("small", { textContent: message.failed === "" ? "Sending…" : `Not sent: ${message.failed} ` });
  if (message.failed !== "") {
    state.append(el("button", { className: "quiet", textContent: "Try again", onclick: () => again(message) }));
  }
  item.append(state);
  return item;
}

// status says who has read a message of mine.
function status(chat, message) {
  if (!message.mine || chat.kind === "self" || message.readers.size === 0) return "";
  return chat.kind === "personal" ? " · read" : ` · read by ${message.readers.size}`;
}

function arrange(list, items) {
  const known = new Map([...list.children].map((child) => [child.dataset.key, child]));
  items.forEach(({ key, make, status }, place) => {
    const item = known.get(key) ?? make();
    known.delete(key);
    item.dataset.key = key;
    if (status !== undefined) item.querySelector(".status").textContent = status;
    if (list.children[place] !== item) list.insertBefore(item, list.children[place] ?? null);
  });
  for (const gone of known.values()) gone.remove();
}
