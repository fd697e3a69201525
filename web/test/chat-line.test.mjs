import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.addEventListener = () => {};
const { Line } = await import("../static/chat/live/line.js");

// A socket that a server closes as often as it likes.
class Socket {
  active = false;
  connects = 0;
  #listeners = [];

  on(event, listener) {
    this.#listeners.push([event, listener]);
  }

  connect() {
    this.connects++;
  }

  hear(event, ...args) {
    for (const [name, listener] of this.#listeners) if (name === event) listener(...args);
  }
}

test("a page that is turned away comes back ever later, up to a minute, until it is let in", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const socket = new Socket();
  const line = new Line(socket);
  line.open();
  const comesBack = (event, most) => {
    const before = socket.connects;
    socket.hear(event);
    t.mock.timers.tick(most / 2 - 1);
    assert.equal(socket.connects, before, `${event}: back before half of ${most} ms`);
    t.mock.timers.tick(most / 2 + 1);
    assert.equal(socket.connects, before + 1, `${event}: not back after ${most} ms`);
  };
  for (const most of [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) comesBack("disconnect", most);
  comesBack("connect_error", 60_000);
  socket.hear("user-id", { userId: "ana" });
  assert.ok(line.online);
  comesBack("disconnect", 2_000);
});

test("pages that are turned away together do not come back together", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const sockets = Array.from({ length: 40 }, () => new Socket());
  for (const socket of sockets) {
    new Line(socket);
    socket.hear("disconnect");
  }
  t.mock.timers.tick(1_500);
  const back = sockets.filter(({ connects }) => connects > 0).length;
  assert.ok(back > 0 && back < sockets.length, `${back} at once`); // all or none: once in 2^39
});

test("a line that comes back by itself, or is refused for good, is left alone", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  globalThis.document = { documentElement: {} };
  globalThis.location = { replace: (page) => (globalThis.location.at = page) };
  const lost = new Socket();
  new Line(lost);
  lost.active = true;
  lost.hear("disconnect");
  const refused = new Socket();
  new Line(refused);
  refused.hear("auth-failure");
  refused.hear("disconnect");
  t.mock.timers.tick(100_000);
  assert.deepEqual([lost.connects, refused.connects, globalThis.location.at], [0, 0, "/auth"]);
});
