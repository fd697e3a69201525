// The application of bench/socketio (app.go), word for word, on Node's socket.io with
// its default settings: no compression, polling and websocket.
//
//   node --expose-gc server.mjs <token>
//
// It prints the address that it listens on and ends when its input does.
import { createServer } from "node:http";
import { Server } from "socket.io";

const token = process.argv[2];

const http = createServer((request, response) => {
  // Memory is compared after the garbage is gone. Twice, because what a first
  // collection finalises only a second one frees.
  if (request.url === "/settle") {
    global.gc();
    setImmediate(() => {
      global.gc();
      response.end("ok");
    });
    return;
  }
  response.statusCode = 404;
  response.end();
});

const io = new Server(http);

io.use((socket, next) => {
  next(socket.handshake.auth.token === token ? undefined : new Error("not authorised"));
});

io.on("connection", (socket) => {
  socket.on("echo", (message, ack) => ack({ text: message.text }));
  socket.on("join", (message, ack) => {
    socket.join(message.room);
    ack({ text: message.room });
  });
  socket.on("say", (message) => {
    io.to(message.room).emit("said", { text: message.text });
  });
});

http.listen(0, "127.0.0.1", () => {
  console.log(`127.0.0.1:${http.address().port}`);
});
process.stdin.resume();
process.stdin.on("end", () => process.exit());
