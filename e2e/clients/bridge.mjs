// The bridge lets Go tests drive the socket.io-client releases that real pages use.
// It speaks JSON, one object a line. Commands come in on stdin:
//
//   {"op":"open","id":1,"version":"4.0.1","url":"http://...","options":{...}}
//   {"op":"emit","id":1,"event":"name","args":[...],"ack":7}    ack is optional
//   {"op":"close","id":1}
//
// and what happens goes out on stdout, in the order in which the client saw it, as
// {"id":1,"kind":"...", ...}:
//
//   connect {text: transport}     disconnect {text: reason}
//   connect_error {text}          upgrade {text: transport now}
//   event {event, args}           ack {ack, args}
//
// options.namespace is the namespace to join, "/" without it.
//
// It ends with its stdin, and promises nothing about lines it does not understand
// except to die loudly.

import { createInterface } from "node:readline";
import second from "socket.io-client-2.5.0"; // Engine.IO 3, the others have 4
import third from "socket.io-client-3.1.3";
import { io as fourth } from "socket.io-client-4.0.1";
import { io as newest } from "socket.io-client-newest";

const releases = { "2.5.0": second, "3.1.3": third, "4.0.1": fourth, newest };
const sockets = new Map();

function report(id, kind, fields) {
  process.stdout.write(JSON.stringify({ id, kind, ...fields }) + "\n");
}

// hearAll calls hear for every event, before anybody else is told of it.
function hearAll(socket, hear) {
  if (socket.onAny) {
    socket.onAny(hear);
    return;
  }
  // Release 2 has no such thing.
  const onevent = socket.onevent;
  socket.onevent = function (packet) {
    hear(...packet.data);
    onevent.call(this, packet);
  };
}

function open({ id, version, url, options }) {
  // Every socket is its own connection, as every tab is.
  const socket = releases[version](url + (options.namespace ?? ""), { ...options, forceNew: true });
  sockets.set(id, socket);
  const transport = () => socket.io.engine.transport.name;

  hearAll(socket, (event, ...args) => report(id, "event", { event, args }));
  socket.on("connect", () => report(id, "connect", { text: transport() }));
  socket.on("disconnect", (reason) => report(id, "disconnect", { text: reason }));
  socket.on("connect_error", (err) => report(id, "connect_error", { text: String(err.message) }));
  // Release 2 calls it an error when the server refuses, and hands over the bare reason.
  socket.on("error", (reason) => {
    if (!(reason instanceof Error)) {
      report(id, "connect_error", { text: String(reason?.message ?? reason) });
    }
  });
  // A reconnect makes a new engine, so the listener is for each of them.
  socket.io.on("open", () => {
    socket.io.engine.on("upgrade", () => report(id, "upgrade", { text: transport() }));
  });
}

function emit({ id, event, args, ack }) {
  const socket = sockets.get(id);
  if (ack === undefined) {
    socket.emit(event, ...args);
    return;
  }
  socket.emit(event, ...args, (...answer) => report(id, "ack", { ack, args: answer }));
}

function close({ id }) {
  const socket = sockets.get(id);
  sockets.delete(id);
  socket?.disconnect();
}

const commands = { open, emit, close };
const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
lines.on("line", (line) => {
  const command = JSON.parse(line);
  commands[command.op](command);
});
lines.on("close", () => process.exit(0));
