// Tells the server what was read: what is at the end of the open chat while the page can
// be seen.
import { EVENTS, place } from "./wire.js";

export class Reader {
  #line;
  #chats;
  #changed;
  #busy = new Set();
  // Up to where the server was told, by chat: how many are left it may count otherwise.
  #told = new Map();

  constructor(line, chats, changed) {
    this.#line = line;
    this.#chats = chats;
    this.#changed = changed;
  }

  // read moves the cursor of a chat up to a message, if it is not there yet.
  async read(id, seq) {
    const chat = this.#chats.get(id);
    if (!chat || chat.kind === "self" || this.#busy.has(id)) return;
    if (seq <= Math.max(this.#told.get(id) ?? 0, chat.unread ? 0 : (chat.readSeq ?? 0))) return;
    this.#busy.add(id);
    try {
      const answer = await this.#line.ask(EVENTS[chat.kind].read, { ...place(chat), Seq: seq });
      this.#told.set(id, seq);
      // What came after the question, the answer may not have counted.
      this.#chats.readTo(id, Math.max(seq, answer.Seq ?? 0), chat.last?.seq > seq ? undefined : answer.Unread);
    } catch (error) {
      // A line that is down tells by itself when it is back, and what does not pass is not
      // asked again before there is more to read.
      if (error.code === "offline") return;
      if (error.passing) await this.#line.pause(error);
      else this.#told.set(id, seq);
    } finally {
      this.#busy.delete(id);
    }
    this.#changed();
  }
}
