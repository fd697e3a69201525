// The list of chats: oneself, people and groups, in the order of what happened last.
// Times are milliseconds. A chat is a plain object; only this class changes it.

export class Chats {
  me = { id: "", name: "" };
  #byId = new Map();
  #online = new Set();
  #pictures = new Map();

  get(id) {
    return this.#byId.get(id);
  }

  // inOrder is all chats, the newest first.
  inOrder() {
    return [...this.#byId.values()].sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1));
  }

  // identify begins a new connection: who I am, and my chat with myself. Nobody is known
  // to be online yet.
  identify(id, name, self = {}) {
    this.me = { id, name };
    this.#online.clear();
    this.#keep({ id, kind: "self", name, at: 0, unread: 0, seq: 0, ...self });
  }

  // replace takes a list of one kind as the server has it now. It returns the ids of those
  // that are there no more.
  replace(kind, items) {
    const listed = new Set(items.map((item) => item.id));
    const gone = [...this.#byId.values()].filter((chat) => chat.kind === kind && !listed.has(chat.id)).map((chat) => chat.id);
    for (const id of gone) this.#byId.delete(id);
    for (const item of items) this.#keep({ kind, unread: 0, seq: 0, ...item });
    return gone;
  }

  // appear adds a chat that was just made, or leaves the one that there is.
  appear(item) {
    if (!this.#byId.has(item.id)) this.#keep({ unread: 0, seq: 0, at: Date.now(), ...item });
    return this.get(item.id);
  }

  remove(id) {
    this.#byId.delete(id);
  }

  update(id, changes) {
    const chat = this.get(id);
    if (chat) Object.assign(chat, changes);
  }

  // said moves a chat to the top with a new message, and counts it as unread if somebody
  // else wrote it. A message that is known already changes nothing.
  said(id, message) {
    const chat = this.get(id);
    if (!chat || message.seq <= chat.seq) return false;
    const mine = message.from === this.me.id;
    chat.seq = message.seq;
    chat.at = Math.max(chat.at, message.at);
    chat.last = { content: message.content, media: message.attachment, sender: message.sender, from: message.from, at: message.at, seq: message.seq };
    chat.typing?.delete(message.from);
    if (!mine && message.seq > (chat.readSeq ?? 0)) chat.unread++;
    return true;
  }

  // readTo moves my own cursor. How many are left the server knows; without its word there
  // are none if everything was read, and else as many as before.
  readTo(id, seq, unread) {
    const chat = this.get(id);
    if (!chat) return;
    chat.readSeq = Math.max(chat.readSeq ?? 0, seq);
    if (unread !== undefined) chat.unread = unread;
    else if (chat.readSeq >= (chat.last?.seq ?? chat.seq)) chat.unread = 0;
  }

  unread() {
    return [...this.#byId.values()].reduce((sum, chat) => sum + (chat.muted ? 0 : chat.unread), 0);
  }

  // picture is the path of the picture of somebody or of a group, empty for none. pictured takes
  // one; undefined is not a word on it.
  picture(id) {
    return this.#pictures.get(id) ?? "";
  }

  pictured(id, path) {
    if (path !== undefined) this.#pictures.set(id, path);
  }

  // Presence is of users, and told for those one shares a chat with.
  present(users) {
    for (const user of users) this.#online.add(user);
  }

  presence(user, online) {
    if (online) this.#online.add(user);
    else this.#online.delete(user);
  }

  isOnline(user) {
    return this.#online.has(user);
  }

  // typing notes who is busy writing until a time; stop ends it. Read it with typists.
  typing(id, user, name, status, until) {
    const chat = this.get(id);
    if (!chat) return;
    chat.typing ??= new Map();
    if (status === "stop") chat.typing.delete(user);
    else chat.typing.set(user, { name, status, until });
  }

  typists(id, now) {
    const typing = this.get(id)?.typing;
    return typing ? [...typing.values()].filter(({ until }) => until > now) : [];
  }

  // rename takes somebody's new name everywhere.
  rename(user, name) {
    if (user === this.me.id) this.me.name = name;
    for (const chat of this.#byId.values()) {
      if (chat.partner === user || chat.id === user) chat.name = name;
      if (chat.last?.from === user) chat.last.sender = name;
      for (const member of chat.details?.members ?? []) if (member.id === user) member.name = name;
    }
  }

  // A list that comes again keeps what only this client knows, as details and typists, and
  // what was said after the list was made.
  #keep(item) {
    const old = this.#byId.get(item.id);
    if (old?.seq > item.seq) item = { ...item, seq: old.seq, last: old.last, unread: old.unread };
    if (item.online) this.#online.add(item.partner);
    this.pictured(item.partner ?? item.id, item.picture);
    this.#byId.set(item.id, old ? Object.assign(old, item, { at: Math.max(old.at, item.at) }) : item);
  }
}
