// Brings files to the server, one of a chat after the other, and hands each on to the outbox
// when it is there. A text does not wait for files that were picked before it: what stands in a
// chat in which order is decided when it is there, and a video may take minutes.
import { passes, readAttachment, refusal } from "../model/media.js";
import { leave } from "./line.js";
import { upload } from "./upload.js";

// How often the same is sent by itself, how long to wait in between and how often to tell of
// progress, in milliseconds.
const TRIES = 3;
const PAUSE = 2_000;
const TELL = 150;

export class Uploads {
  // said is what a listener to the page should hear: {name, percent} of the one under way.
  said;
  #line;
  #outbox;
  #ready;
  #changed;
  #busy = new Set();
  // What is held for each entry: {file, about, sent, end}.
  #held = new Map();

  // ready is called with a chat of which an entry can be sent now.
  constructor(line, outbox, { ready, changed }) {
    this.#line = line;
    this.#outbox = outbox;
    this.#ready = ready;
    this.#changed = changed;
  }

  // add takes the file of an entry. about is what is known of it, as measure has it.
  add({ clientId }, file, about) {
    this.#held.set(clientId, { file, about, sent: 0, end: new AbortController() });
  }

  // progress is what part of a file is out, or nothing if that is not under way.
  progress(clientId) {
    return this.#held.get(clientId)?.sent;
  }

  // preview is what to show of one's own file as long as the server's is not there.
  preview(clientId) {
    return this.#held.get(clientId)?.about.preview;
  }

  has(clientId) {
    return this.#held.has(clientId);
  }

  // drop gives up an entry's file, and its upload if that is under way.
  drop(clientId) {
    const held = this.#held.get(clientId);
    if (!held) return;
    this.#held.delete(clientId);
    held.end.abort();
    if (held.about.preview) URL.revokeObjectURL(held.about.preview);
  }

  clear() {
    for (const clientId of [...this.#held.keys()]) this.drop(clientId);
  }

  // run works through the files of a chat.
  async run(chat) {
    if (this.#busy.has(chat)) return;
    this.#busy.add(chat);
    this.#guard();
    try {
      for (let entry; (entry = this.#outbox.waiting(chat)); ) await this.#one(entry);
    } finally {
      this.#busy.delete(chat);
      this.#guard();
    }
  }

  async #one(entry) {
    const { clientId } = entry;
    if (!this.has(clientId)) return this.#outbox.fail(clientId, "no-file"); // of an earlier visit
    const answer = await this.#insist(clientId, form(entry, this.#held.get(clientId)));
    if (!this.#held.has(clientId)) return; // it was given up
    this.#held.get(clientId).sent = 0;
    if (answer.status === 401) return leave();
    if (answer.success === 1) {
      this.#outbox.uploaded(clientId, answer.id, { ...readAttachment(answer), caption: entry.content });
      this.#ready(entry.chat);
    } else this.#outbox.fail(clientId, refusal(answer));
    this.#changed();
  }

  async #insist(clientId, body) {
    const { end } = this.#held.get(clientId);
    for (let turn = 1; ; turn++) {
      if (!this.#line.online) await this.#line.pause({ code: "offline" });
      const answer = await upload("/upload", body, { signal: end.signal, progress: (part) => this.#tell(clientId, part) });
      if (end.signal.aborted || turn === TRIES || !passes(answer)) return answer;
      await new Promise((done) => setTimeout(done, answer.retryAfter * 1000 || PAUSE));
    }
  }

  // tell notes progress, as often as it makes sense to draw it, and says it at its halves.
  #tell(clientId, part) {
    const held = this.#held.get(clientId);
    if (!held || (part < 1 && Date.now() - (held.told ?? 0) < TELL)) return;
    held.told = Date.now();
    held.sent = part;
    const percent = part < 0.5 ? 0 : part < 1 ? 50 : 100;
    if (this.said?.clientId !== clientId || this.said.percent !== percent) this.said = { clientId, name: held.file.name, percent };
    this.#changed();
  }

  // guard asks before the page is left while a file is under way, and only then: a page that
  // asks can't be kept for the back button.
  #guard() {
    if (this.#busy.size > 0) addEventListener("beforeunload", ask);
    else removeEventListener("beforeunload", ask);
  }
}

function ask(event) {
  if (!document.documentElement.hidden) event.preventDefault(); // hidden is one that has to be left
}

// form has its fields before its files, as the server reads them in their order.
function form({ attachment: { width, height, duration } }, { file, about }) {
  const body = new FormData();
  body.append("type", "");
  for (const [name, value] of Object.entries({ width, height, duration })) if (value) body.append(name, String(value));
  if (about.poster) body.append("poster", about.poster, "poster.jpg");
  body.append("file", file, file.name);
  return body;
}
