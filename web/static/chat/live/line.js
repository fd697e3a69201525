// The line to the server: one socket, which comes back by itself, and ask, which turns an
// event with an acknowledgement into a promise.
import { post } from "../../rest.js";
import { io } from "../../vendor/socket.io.esm.min.js";
import { Backoff } from "../model/backoff.js";

// How long an answer may take before the question counts as lost, in milliseconds.
const PATIENCE = 15_000;
// How long to wait where the server does not say, in milliseconds.
const PAUSE = 2_000;
// The codes that pass by themselves, and those of a line that is down.
const PASSING = new Set(["busy", "unavailable", "rate-limited", "offline", "no-answer"]);

// LineError has the server's code, or "offline" or "no-answer", and retryAfter in seconds.
export class LineError extends Error {
  constructor({ code, message, retryAfter }) {
    super(message ?? code);
    this.code = code;
    this.retryAfter = retryAfter;
  }

  get passing() {
    return PASSING.has(this.code);
  }
}

export class Line {
  #socket;
  // Where the server has closed the line, as of one page too many, Socket.IO leaves it to us to come back.
  #backoff = new Backoff();
  #refused = false;
  #parting = false;
  // Whose line it is, and whether the server has said so of this connection.
  #user;
  #open = false;
  #waiting = [];

  constructor(socket = io({ autoConnect: false, reconnectionDelay: 500, reconnectionDelayMax: 5_000, auth: { client: "expresschat-web/1" } })) {
    this.#socket = socket;
    this.on("auth-failure", () => {
      this.#refused = true;
      if (!this.#parting) leave();
    });
    this.on("access-token", ({ accessToken }) => post("/update-access-token", { acessToken: accessToken }));
    this.on("user-id", ({ userId }) => this.#belong(userId));
    const comeBack = () => this.#refused || this.#socket.active || this.#socket.connect();
    this.on("disconnect", () => {
      this.#open = false;
      if (!this.#socket.active) setTimeout(comeBack, this.#backoff.next());
    });
    this.on("connect_error", () => {
      if (!this.#socket.active) setTimeout(comeBack, this.#backoff.next());
    });
    // A browser may keep a page that is left, for its back button. The line goes all the same:
    // the server would take it for somebody who is here.
    addEventListener("pagehide", () => this.#refused || this.#socket.disconnect());
    addEventListener("pageshow", ({ persisted }) => persisted && this.open());
  }

  // open connects. Whoever wants the first events has to listen before.
  open() {
    this.#socket.connect();
  }

  on(event, listener) {
    this.#socket.on(event, listener);
  }

  get online() {
    return this.#open;
  }

  // ask resolves to the server's acknowledgement, and rejects with a LineError.
  async ask(event, payload = {}) {
    if (!this.online) throw new LineError({ code: "offline" });
    let answer;
    try {
      answer = await this.#socket.timeout(PATIENCE).emitWithAck(event, payload);
    } catch {
      throw new LineError({ code: this.online ? "no-answer" : "offline" });
    }
    if (!answer?.success) throw new LineError(answer ?? { code: "internal" });
    return answer;
  }

  // insist asks until there is an answer, over any number of connections. It rejects with
  // what does not pass by itself.
  async insist(event, payload) {
    for (;;) {
      try {
        return await this.ask(event, payload);
      } catch (error) {
        if (!error.passing) throw error;
        await this.pause(error);
      }
    }
  }

  // pause waits until it makes sense to ask again after an error that passes.
  async pause({ code, retryAfter }) {
    if (code === "offline") await this.#connected();
    else if (code !== "no-answer") await new Promise((done) => setTimeout(done, retryAfter * 1000 || PAUSE));
  }

  // tell is for what is worth nothing later, as that one is typing.
  tell(event, payload) {
    if (this.online) this.#socket.emit(event, payload);
  }

  // part does what ends the session, and leaves if that is done. The server tells of the end on
  // the line as well, which is not waited for, and does not interrupt what is under way.
  async part(act) {
    this.#parting = true;
    const parted = await act();
    this.#parting = false;
    if (parted || this.#refused) leave();
    return parted;
  }

  #connected() {
    return this.online ? undefined : new Promise((done) => this.#waiting.push(done));
  }

  // belong opens the line, if it is the same user's as ever. Another one has signed in on this
  // browser otherwise, and gets a page of their own before anything goes out in their name.
  #belong(user) {
    this.#user ??= user;
    if (this.#user !== user) {
      this.#refused = true;
      this.#socket.disconnect();
      document.documentElement.hidden = true;
      location.reload();
      return;
    }
    this.#open = true;
    this.#backoff.reset();
    for (const done of this.#waiting.splice(0)) done();
  }
}

// leave goes to the sign-in page. The page that is left may be kept as well, and shows nothing
// to whoever comes back to it.
export function leave() {
  document.documentElement.hidden = true;
  location.replace("/auth");
}
