// Where one looks in the log. Two cases: one follows the end, and sees what comes; or one
// looks at a message further up, which then stays at its place whatever comes and goes
// around it. No height is guessed: the page is measured after each change.
import { around, atEnd, down, slice, up } from "../model/window.js";

// How near to the end counts as there, in pixels.
const NEAR = 48;

export class Scroll {
  held;
  following = true;
  unreadFrom;
  #session;
  #chat;
  #box;
  #redraw;
  #messages = [];
  #timeline;
  #anchor;
  #placed = false;
  #seen = 0;
  #top = 0;

  constructor(session, chat, box, redraw) {
    this.#session = session;
    this.#chat = chat;
    this.#box = box;
    this.#redraw = redraw;
  }

  // take has the messages that are drawn next. The page still shows the last ones: where one
  // is among these is looked at now, as a scroll may be under way that was not told yet.
  take(timeline, messages) {
    if (this.#placed) this.#look();
    this.#timeline = timeline;
    this.#messages = messages;
    if (!this.held || !this.#placed) this.#begin();
    if (!this.following) return;
    const sent = messages.at(-1);
    if (sent?.state === "pending") this.unreadFrom = undefined;
    const [start] = slice(messages, this.held, true);
    this.held = { from: messages[start]?.seq ?? this.held.from, to: undefined };
  }

  // settle puts the page where it belongs after it was drawn.
  settle() {
    const box = this.#box.current;
    if (!this.#placed && this.#timeline.loaded && !this.#session.history.isSeeking(this.#chat)) this.#place(box);
    else this.#restore(box);
    this.#fill();
  }

  // moved is for a scroll of the user's, and of ours.
  moved() {
    const before = this.following;
    this.#look();
    this.#fill();
    this.seen();
    if (before !== this.following) this.#redraw();
  }

  // seen tells what was read, if the end is in view and the page is.
  seen() {
    if (!this.#placed || !this.following || !this.#timeline.loaded) return;
    this.#seen = this.#timeline.newest;
    if (!document.hidden && this.#seen > 0) this.#session.reader.read(this.#chat, this.#seen);
  }

  // missed is how many messages of others came below while one looked elsewhere.
  missed(messages) {
    const me = this.#session.chats.me.id;
    return messages.slice(this.#timeline.indexOf(this.#seen + 1)).filter((m) => m.seq && !m.news && m.from !== me).length;
  }

  // toNewest goes to the end, also while the first unread message is being looked for.
  toNewest() {
    this.#placed = true;
    this.following = true;
    this.held = atEnd(this.#messages);
    this.#redraw();
  }

  // watch follows what changes without a drawing: the size, and whether anybody looks.
  watch() {
    const box = this.#box.current;
    const sizes = new ResizeObserver(() => this.#restore(box));
    sizes.observe(box);
    const shown = () => {
      if (!document.hidden) this.unreadFrom = this.#firstUnread();
      this.#redraw();
    };
    document.addEventListener("visibilitychange", shown);
    return () => {
      sizes.disconnect();
      document.removeEventListener("visibilitychange", shown);
    };
  }

  #begin() {
    this.unreadFrom = this.#firstUnread();
    const at = this.unreadFrom === undefined ? -1 : this.#timeline.indexOf(this.unreadFrom);
    this.following = at < 0;
    this.#seen = at < 0 ? 0 : this.unreadFrom - 1;
    this.held = at < 0 ? atEnd(this.#messages) : around(this.#messages, at);
  }

  // place is the first one: at what is unread, else at the end.
  #place(box) {
    this.#placed = true;
    const line = box.querySelector(".unread-line");
    box.scrollTop = line ? line.offsetTop - box.clientHeight / 4 : box.scrollHeight;
    this.#look();
    this.#redraw();
  }

  #restore(box) {
    if (this.following) box.scrollTop = box.scrollHeight;
    else if (this.#anchor?.element.isConnected) {
      const off = this.#anchor.element.getBoundingClientRect().top - box.getBoundingClientRect().top - this.#anchor.top;
      if (Math.abs(off) >= 0.5) box.scrollTop += off;
    }
    this.#look();
  }

  // look notes where one is. Who followed the end and did not scroll up still does, also
  // while the page grows or its room shrinks.
  #look() {
    const box = this.#box.current;
    const [, end] = slice(this.#messages, this.held, this.following);
    const below = box.scrollHeight - box.scrollTop - box.clientHeight;
    const stayed = this.following && box.scrollTop >= this.#top;
    this.following = end === this.#messages.length && (below < NEAR || stayed);
    this.#top = box.scrollTop;
    if (this.following) this.held = { ...this.held, to: undefined };
    this.#anchor = this.following ? undefined : anchorIn(box);
  }

  // fill moves the stretch on, or asks for more, before one comes to its end.
  #fill() {
    const box = this.#box.current;
    if (!this.#placed) return;
    const margin = box.clientHeight;
    if (box.scrollTop < margin) this.#upwards();
    else if (!this.following && box.scrollHeight - box.scrollTop - 2 * box.clientHeight < 0) this.#move(down(this.#messages, this.held));
  }

  #upwards() {
    if (this.#move(up(this.#messages, this.held))) return;
    this.#session.history.older(this.#chat)?.catch((error) => this.#session.toasts.fail(error));
  }

  #move(held) {
    if (held === this.held) return false;
    this.held = held;
    this.#redraw();
    return true;
  }

  // firstUnread is where what is new begins, or the first that is loaded if it lies above.
  #firstUnread() {
    const chat = this.#session.chats.get(this.#chat);
    if (!chat?.unread) return undefined;
    const { messages } = this.#timeline;
    const theirs = messages.filter((m) => !m.news && m.from !== this.#session.chats.me.id && m.seq > (chat.readSeq ?? 0));
    return (theirs.at(-chat.unread) ?? theirs[0])?.seq;
  }
}

// anchorIn is the first message in view and where it stands.
function anchorIn(box) {
  const top = box.getBoundingClientRect().top;
  const all = box.querySelectorAll("[data-message]");
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (all[middle].getBoundingClientRect().bottom <= top) low = middle + 1;
    else high = middle;
  }
  const element = all[low];
  return element && { element, top: element.getBoundingClientRect().top - top };
}
