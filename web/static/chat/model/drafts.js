// What was begun and not sent, for each chat of each user.

const PREFIX = "expresschat.draft.";

export class Drafts {
  #storage;

  constructor(storage) {
    this.#storage = storage;
  }

  get(user, chat) {
    return this.#storage.get(key(user, chat)) ?? "";
  }

  set(user, chat, text) {
    if (text.trim() === "") this.#storage.remove(key(user, chat));
    else this.#storage.set(key(user, chat), text);
  }

  clear(user) {
    for (const name of this.#storage.keys(`${PREFIX}${user}.`)) this.#storage.remove(name);
  }
}

function key(user, chat) {
  return `${PREFIX}${user}.${chat}`;
}
