// Brings the messages of chats into their timelines: the newest page when one is opened,
// older ones as one scrolls, and after a lost connection all that came meanwhile.
import { Timeline } from "../model/timeline.js";
import { EVENTS, idOf, place, readCursors, readDetails, readMessage, readPicture } from "./wire.js";

const FIRST_PAGE = 80;
const NEXT_PAGE = 150;
// The server's bound on a page, how much of what was read stands above the unread ones, and
// how many more pages are asked for to find the first of those.
const MOST = 200;
const ABOVE = 10;
const TURNS = 10;

export class History {
  #line;
  #chats;
  #changed;
  #timelines = new Map();
  #busy = new Set();
  // The last fetch of each chat that has one under way. One follows the other, as an event
  // does not say which of them it answers.
  #queue = new Map();
  // What the events of a fetch brought, until its acknowledgement says how to take it.
  #arrived = new Map();
  #seeking = new Set();

  constructor(line, chats, changed) {
    this.#line = line;
    this.#chats = chats;
    this.#changed = changed;
  }

  // of is a chat's timeline, empty if it was not opened yet.
  of(id) {
    if (!this.#timelines.has(id)) this.#timelines.set(id, new Timeline());
    return this.#timelines.get(id);
  }

  forget(id) {
    this.#timelines.delete(id);
  }

  all() {
    return [...this.#timelines.values()];
  }

  isBusy(id, direction) {
    return this.#busy.has(`${direction} ${id}`);
  }

  // open brings the newest page, once, and then older ones until the first unread message is
  // there, within reason. It rejects if there is no such chat.
  async open(id) {
    if (this.of(id).loaded) return;
    const unread = this.#chats.get(id)?.unread ?? 0;
    this.#seeking.add(id);
    try {
      await this.#page(id, "newest", { Limit: Math.min(MOST, Math.max(FIRST_PAGE, unread + ABOVE)) });
      for (let turn = 0; turn < TURNS && this.#lacks(id, unread); turn++) await this.older(id);
    } finally {
      this.#seeking.delete(id);
      this.#changed();
    }
  }

  // isSeeking is true while a chat's first unread message is not there yet.
  isSeeking(id) {
    return this.#seeking.has(id);
  }

  #lacks(id, unread) {
    const { messages, older } = this.of(id);
    const readSeq = this.#chats.get(id)?.readSeq ?? 0;
    return unread > 0 && older && !(messages[0]?.seq <= readSeq);
  }

  older(id) {
    const timeline = this.of(id);
    if (!timeline.loaded || !timeline.older || timeline.oldest === 0) return undefined;
    return this.#page(id, "older", { Limit: NEXT_PAGE, Before: timeline.oldest });
  }

  // interrupted is for the end of a connection, catchUp for the beginning of the next.
  interrupted() {
    for (const timeline of this.all()) timeline.interrupted();
  }

  catchUp() {
    for (const [id, timeline] of this.#timelines) {
      if (timeline.stale) this.#newer(id, timeline);
    }
  }

  // details brings what changed of a group, and none of its messages, as there are none
  // before the first.
  details(id) {
    return this.#line.insist("fetch-group-chat", { GroupId: id, Before: 1 });
  }

  // fetched takes the event that a fetch is answered with; its acknowledgement says the rest.
  fetched(event) {
    const chat = this.#chats.get(idOf(event));
    if (!chat) return;
    if (event.Members || event.Participants) this.#chats.update(chat.id, { details: readDetails(event), name: event.Name ?? chat.name });
    for (const { id, picture } of chat.details?.members ?? []) this.#chats.pictured(id, picture);
    this.#chats.pictured(chat.partner ?? chat.id, readPicture(event));
    const timeline = this.of(chat.id);
    for (const [user, seq] of readCursors(event.Messages)) timeline.readBy(user, seq);
    this.#arrived.get(chat.id)?.push(...event.Messages);
    this.#changed();
  }

  async #newer(id, timeline) {
    try {
      while (timeline.stale) if (!(await this.#page(id, "newer", { After: timeline.known }))) return;
    } catch {
      // The chat is not there any more, and the lists have said so.
    }
  }

  // page asks for one page, and resolves to false if that one is on its way already.
  async #page(id, direction, which) {
    const chat = this.#chats.get(id);
    if (!chat || this.isBusy(id, direction)) return false;
    const timeline = this.of(id);
    timeline.loading ||= direction === "newest";
    this.#busy.add(`${direction} ${id}`);
    this.#changed();
    const before = this.#queue.get(id);
    const turn = this.#fetch(chat, timeline, direction, which, before);
    this.#queue.set(id, turn);
    try {
      await turn;
      return true;
    } finally {
      if (this.#queue.get(id) === turn) this.#queue.delete(id);
      this.#busy.delete(`${direction} ${id}`);
      this.#changed();
    }
  }

  async #fetch(chat, timeline, direction, which, before) {
    await before?.catch(() => {});
    const { id } = chat;
    this.#arrived.set(id, []);
    try {
      const { HasMore } = await this.#line.insist(EVENTS[chat.kind].fetch, { ...place(chat), ...which });
      const messages = this.#arrived.get(id).map((wire) => readMessage(wire, chat, this.#chats.me));
      timeline.page(direction, messages, HasMore);
    } finally {
      this.#arrived.delete(id);
    }
  }
}
