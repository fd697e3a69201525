// Tells the others that one is typing: at the first key, again while it goes on, and that it
// has stopped.
import { place } from "./wire.js";

// Said again after AGAIN; over after a PAUSE. What others said is believed for TRUST. All
// in milliseconds.
const AGAIN = 3_000;
const PAUSE = 5_000;
export const TRUST = 8_000;

export class Typing {
  #line;
  #chat;
  #told = 0;
  #pause;

  constructor(line) {
    this.#line = line;
  }

  key(chat) {
    if (this.#chat?.id !== chat.id) this.stop();
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => this.stop(), PAUSE);
    if (this.#chat && Date.now() - this.#told < AGAIN) return;
    this.#chat = chat;
    this.#told = Date.now();
    this.#line.tell("typing", { ...place(chat), Status: "typing" });
  }

  stop() {
    clearTimeout(this.#pause);
    if (this.#chat) this.#line.tell("typing", { ...place(this.#chat), Status: "stop" });
    this.#chat = undefined;
  }
}
