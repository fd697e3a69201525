// The files that somebody has picked and not sent yet, for each chat. They are in this page
// only: a browser can't keep them.
import { plainName } from "./media.js";

// MOST is how many go out at once.
export const MOST = 20;
const NONE = [];

export class Tray {
  #byChat = new Map();
  #next = 1;
  #measure;
  #changed;

  // measure resolves to what can be known of a file before it is sent: {type, preview, poster,
  // width, height, duration}, and never rejects.
  constructor(measure, changed) {
    this.#measure = measure;
    this.#changed = changed;
  }

  of(chat) {
    return this.#byChat.get(chat) ?? NONE;
  }

  // add takes files, and returns those that can't be sent, as {name, why}.
  add(chat, files) {
    const items = [...this.of(chat)];
    const refused = [];
    for (const file of files) {
      const why = file.size === 0 ? "empty" : items.length >= MOST ? "too-many" : undefined;
      if (why) refused.push({ name: plainName(file.name), why });
      else items.push(this.#item(file));
    }
    this.#keep(chat, items);
    return refused;
  }

  remove(chat, id) {
    const dropped = this.of(chat).find((item) => item.id === id);
    dropped?.about.then(({ preview }) => preview && URL.revokeObjectURL(preview));
    this.#keep(chat, this.of(chat).filter((item) => item !== dropped));
  }

  // take empties the tray.
  take(chat) {
    const items = this.of(chat);
    this.#keep(chat, NONE);
    return items;
  }

  #item(file) {
    const item = { id: this.#next++, file, name: plainName(file.name), size: file.size };
    item.about = this.#measure(file).then((known) => {
      item.known = known;
      this.#changed();
      return known;
    });
    return item;
  }

  #keep(chat, items) {
    if (items.length > 0) this.#byChat.set(chat, items);
    else this.#byChat.delete(chat);
    this.#changed();
  }
}
