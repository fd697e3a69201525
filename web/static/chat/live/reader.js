// Tells the server what was read: what is at the end of the open chat while the page can
// be seen.
import { EVENTS, place } from "./wire.js";

export class Reader {
  #line;
  #chats;
  #changed;
  #busy = new Set();

  constructor(line, chats, changed) {
    this.#line = line;
    this.#chats = chats;
    this.#changed = changed;
  }

  // read moves the cursor of a chat up to a message, if it is not there yet.
  async read(id, seq) {
    const chat = this.#chats.get(id);
    if (!chat || chat.kind === "self" || this.#busy.has(id)) return;
    if (chat.unread === 0 && seq <= (chat.readSeq ?? 0)) return;
    if (!this.#line.online) return;
    this.#busy.add(id);
    try {
      const answer = await this.#line.ask(EVENTS[chat.kind].read, { ...place(chat), Seq: seq });
      // What came after the question, the answer may not have counted.
      this.#chats.readTo(id, Math.max(seq, answer.Seq ?? 0), chat.last?.seq > seq ? undefined : answer.Unread);
      this.#changed();
    } catch {
      // It is told with the next look at the chat, or after the next connect. It is no news:
      // each drawing looks at the chat, so that would be an endless round.
    } finally {
      this.#busy.delete(id);
    }
  }
}
