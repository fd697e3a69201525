// Own messages on their way: pending until the server has acknowledged them, failed if it
// never will. Each lies in the storage under a key of its own, so that a reload in the
// middle loses none, and two tabs of one user do not write over each other. The ClientId
// makes sending again safe.

const PREFIX = "expresschat.outbox.";

export class Outbox {
  #entries = [];
  #prefix = "";
  #storage;
  #makeId;

  constructor(storage, makeId = newId) {
    this.#storage = storage;
    this.#makeId = makeId;
  }

  // load takes what an earlier page of the same user left. It does so once.
  load(user) {
    const prefix = `${PREFIX}${user}.`;
    if (this.#prefix === prefix) return;
    this.#prefix = prefix;
    this.#entries = this.#storage
      .keys(prefix)
      .map((key) => parse(this.#storage.get(key)))
      .filter((entry) => entry?.clientId && entry.chat)
      .sort((a, b) => a.at - b.at || a.turn - b.turn);
  }

  add(chat, kind, content, at) {
    const turn = (this.#entries.at(-1)?.turn ?? 0) + 1;
    const entry = { clientId: this.#makeId(), chat, kind, content, at, turn, state: "pending" };
    this.#entries.push(entry);
    this.#save(entry);
    return entry;
  }

  of(chat) {
    return this.#entries.filter((entry) => entry.chat === chat);
  }

  // next is the one to send now: the first of the chat that has not failed for good.
  next(chat) {
    return this.#entries.find((entry) => entry.chat === chat && entry.state === "pending");
  }

  // chats are those that have something to send.
  chats() {
    return [...new Set(this.#entries.filter((entry) => entry.state === "pending").map((entry) => entry.chat))];
  }

  get size() {
    return this.#entries.length;
  }

  // done takes out one that the server has stored, whoever of the user's tabs heard of it.
  done(clientId) {
    const at = this.#entries.findIndex((entry) => entry.clientId === clientId);
    if (at < 0) return undefined;
    const [entry] = this.#entries.splice(at, 1);
    this.#storage.remove(this.#prefix + clientId);
    return entry;
  }

  fail(clientId, code) {
    this.#change(clientId, { state: "failed", code });
  }

  // retry puts a failed one at the end again, as it is only now being said.
  retry(clientId, at) {
    const entry = this.#entries.find((one) => one.clientId === clientId);
    if (!entry) return;
    const turn = this.#entries.at(-1).turn + 1;
    this.#entries = [...this.#entries.filter((one) => one !== entry), entry];
    this.#change(clientId, { state: "pending", code: undefined, at, turn });
  }

  forget(chat) {
    for (const { clientId } of this.of(chat)) this.done(clientId);
  }

  // dropped takes out one that another tab has taken out of the storage.
  dropped(key) {
    this.#entries = this.#entries.filter((entry) => this.#prefix + entry.clientId !== key);
  }

  // clear takes out all of the user's, those of other tabs too.
  clear() {
    this.#entries = [];
    for (const key of this.#storage.keys(this.#prefix)) this.#storage.remove(key);
  }

  #change(clientId, changes) {
    const entry = this.#entries.find((one) => one.clientId === clientId);
    if (!entry) return;
    Object.assign(entry, changes);
    this.#save(entry);
  }

  #save(entry) {
    this.#storage.set(this.#prefix + entry.clientId, JSON.stringify(entry));
  }
}

// newId names a message before the server does. crypto.randomUUID would do, but is there on
// https and localhost only, and many servers stand in a network of one's own.
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
