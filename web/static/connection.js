// The connection to the server: one socket, which comes back by itself, and ask, which
// turns an event with an acknowledgement into a promise.
import { io } from "./vendor/socket.io.esm.min.js";
import { byId, say } from "./dom.js";
import { post } from "./rest.js";

// How long an answer may take, in milliseconds. Questions asked while the connection
// is down wait for it that long as well.
const PATIENCE = 20_000;

export class Connection {
  #socket = io({ autoConnect: false, auth: { client: "expresschat-page/1" } });

  constructor() {
    const socket = this.#socket;
    socket.on("auth-failure", () => location.replace("/auth"));
    socket.on("access-token", ({ accessToken }) => post("/update-access-token", { acessToken: accessToken }));
    socket.on("connect", () => say(byId("offline"), ""));
    socket.on("connect_error", () => say(byId("offline"), "Connecting…"));
    socket.on("disconnect", (reason) => {
      const ended = reason === "io server disconnect";
      say(byId("offline"), ended ? "The server has closed this connection. Reload the page to come back." : "Connecting…");
    });
  }

  // open connects. Whoever wants the first events has to listen before.
  open() {
    this.#socket.connect();
  }

  on(event, listener) {
    this.#socket.on(event, listener);
  }

  // ask resolves to the server's acknowledgement, and rejects with an error whose
  // message can be shown.
  async ask(event, payload = {}) {
    let answer;
    try {
      answer = await this.#socket.timeout(PATIENCE).emitWithAck(event, payload);
    } catch {
      throw new Error("The server does not answer.");
    }
    if (!answer?.success) throw new Error(answer?.message ?? "That did not work.");
    return answer;
  }
}
