// What there is to open: the chat with oneself, personal chats and groups, each as
// {id, kind, name, last, unread, seq} and, for a group that was opened, its details.

export class Chats {
  me = { id: "", name: "" };
  #chats = new Map();
  #changed;

  // changed is called after every change.
  constructor(changed) {
    this.#changed = changed;
  }

  identify(id, name) {
    this.me = { id, name };
    this.#put({ id, kind: "self", name: "Notes to myself" });
  }

  // replace takes the whole list of one kind, as the server gives it at every connect.
  replace(kind, chats) {
    const listed = new Set(chats.map((chat) => chat.id));
    for (const chat of this.of(kind)) {
      if (!listed.has(chat.id)) this.#chats.delete(chat.id);
    }
    for (const chat of chats) this.#put({ ...chat, kind });
  }

  // add lists a chat that is new, and leaves one that is known as it is.
  add(kind, id, name) {
    if (!this.#chats.has(id)) this.#put({ id, kind, name, last: new Date() });
  }

  remove(id) {
    this.#chats.delete(id);
    this.#changed();
  }

  get(id) {
    return this.#chats.get(id);
  }

  // of lists the chats of one kind, newest first.
  of(kind) {
    return [...this.#chats.values()].filter((chat) => chat.kind === kind).sort((a, b) => b.last - a.last);
  }

  get unread() {
    let sum = 0;
    for (const chat of this.#chats.values()) sum += chat.unread;
    return sum;
  }

  // bump notes a message with a place: the chat moves up, and counts it if it is unread.
  bump(id, { seq = 0, at = new Date(), unread = false } = {}) {
    const chat = this.#chats.get(id);
    if (!chat) return;
    chat.last = at;
    chat.seq = Math.max(chat.seq, seq);
    if (unread) chat.unread++;
    this.#changed();
  }

  // read notes that everything up to seq was read; without seq, that all of it was.
  read(id, seq = Infinity) {
    const chat = this.#chats.get(id);
    if (!chat || seq < chat.seq) return;
    chat.unread = 0;
    this.#changed();
  }

  // detail keeps what a fetched group says of itself.
  detail(id, details) {
    const chat = this.#chats.get(id);
    if (!chat) return;
    Object.assign(chat, { name: details.name, details });
    this.#changed();
  }

  #put(chat) {
    const known = this.#chats.get(chat.id) ?? { last: new Date(0), unread: 0, seq: 0 };
    this.#chats.set(chat.id, Object.assign(known, chat));
    this.#changed();
  }
}
