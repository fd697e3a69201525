// Own messages on their way: pending until the server has acknowledged them, failed if it
// never will. Each lies in the storage under a key of its own, so that a reload in the
// middle loses none, and two tabs of one user do not write over each other. The ClientId
// makes sending again safe. One with a file waits until the file is with the server, and is kept
// from then on: a browser can't keep files.

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

  // attach adds one with a file, of which attachment says what is known (see media.js).
  attach(chat, kind, content, at, attachment) {
    const turn = (this.#entries.at(-1)?.turn ?? 0) + 1;
    const entry = { clientId: this.#makeId(), chat, kind, content, at, turn, state: "pending", attachment };
    this.#entries.push(entry);
    return entry;
  }

  // uploaded notes what the server calls the file of an entry, and what it says of it.
  uploaded(clientId, upload, attachment) {
    this.#change(clientId, { upload, attachment });
  }

  of(chat) {
    return this.#entries.filter((entry) => entry.chat === chat);
  }

  // next is the one to send now: the first of the chat that has not failed for good, and does
  // not wait for its file.
  next(chat) {
    return this.#entries.find((entry) => entry.chat === chat && entry.state === "pending" && !waits(entry));
  }

  // waiting is the first of the chat whose file is to be brought to the server.
  waiting(chat) {
    return this.#entries.find((entry) => entry.chat === chat && entry.state === "pending" && waits(entry));
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

  // retry puts a failed one at the end again, as it is only now being said. A file that the
  // server has no more has to be brought there again.
  retry(clientId, at) {
    const entry = this.#entries.find((one) => one.clientId === clientId);
    if (!entry) return;
    if (entry.code === "no-file") entry.upload = undefined;
    const turn = this.#entries.at(-1).turn + 1;
    this.#entries = [...this.#entries.filter((one) => one !== entry), entry];
    this.#change(clientId, { state: "pending", code: undefined, at, turn });
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
    if (waits(entry)) this.#storage.remove(this.#prefix + entry.clientId);
    else this.#storage.set(this.#prefix + entry.clientId, JSON.stringify(entry));
  }
}

// newId names a message before the server does. crypto.randomUUID would do, but is there on
// https and localhost only, and many servers stand in a network of one's own.
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const waits = (entry) => entry.attachment !== undefined && !entry.upload;

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
