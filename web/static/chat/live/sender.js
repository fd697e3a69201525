// Sends what lies in the outbox: one message of a chat at a time, so that they are stored in
// the order in which they were written, until each is acknowledged or refused for good.
import { EVENTS, place } from "./wire.js";

export class Sender {
  #line;
  #outbox;
  #sent;
  #changed;
  #busy = new Set();

  // sent is called with an entry and the server's answer once it is stored.
  constructor(line, outbox, { sent, changed }) {
    this.#line = line;
    this.#outbox = outbox;
    this.#sent = sent;
    this.#changed = changed;
  }

  // all takes up what is pending, in every chat. Call it when the line is open.
  all() {
    for (const chat of this.#outbox.chats()) this.send(chat);
  }

  // send works through what a chat has pending.
  async send(chat) {
    if (this.#busy.has(chat)) return;
    this.#busy.add(chat);
    try {
      for (let entry; (entry = this.#outbox.next(chat)); ) await this.#one(entry);
    } finally {
      this.#busy.delete(chat);
    }
  }

  async #one(entry) {
    const where = place({ kind: entry.kind, id: entry.chat });
    try {
      const answer = await this.#line.insist(EVENTS[entry.kind].send, { ...where, Content: entry.content, Upload: entry.upload, ClientId: entry.clientId });
      this.#outbox.done(entry.clientId);
      this.#sent(entry, answer);
    } catch (error) {
      this.#outbox.fail(entry.clientId, error.code ?? "internal");
      this.#changed();
    }
  }
}
