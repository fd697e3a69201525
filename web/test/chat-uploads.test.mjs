import assert from "node:assert/strict";
import { test } from "node:test";
import { Uploads } from "../static/chat/live/uploads.js";
import { Outbox } from "../static/chat/model/outbox.js";
import { Storage } from "../static/chat/model/storage.js";

const turn = () => new Promise((done) => setImmediate(done));

// place is a page with an outbox and a server that answers when it is told to.
function place(t) {
  const requests = [];
  const guards = new Set();
  class Request {
    upload = {};
    open(method, path) {
      this.path = `${method} ${path}`;
    }
    send(form) {
      this.form = [...form.keys()];
      requests.push(this);
    }
    abort() {
      this.answer(0);
    }
    answer(status, body = {}, wait) {
      Object.assign(this, { status, responseText: JSON.stringify(body), wait });
      this.onloadend();
    }
    getResponseHeader() {
      return this.wait ?? null;
    }
  }
  const globals = { XMLHttpRequest: Request, addEventListener: (_, ask) => guards.add(ask), removeEventListener: (_, ask) => guards.delete(ask) };
  Object.assign(globalThis, globals);
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const line = { online: true, pause: () => new Promise((done) => (line.comesBack = done)) };
  const outbox = new Outbox(new Storage());
  outbox.load("me");
  const ready = [];
  const uploads = new Uploads(line, outbox, { ready: (chat) => ready.push(chat), changed() {} });
  const pick = (chat, name, known = {}) => {
    const entry = outbox.attach(chat, "personal", "", 1, { type: "file", name, duration: 1.5, ...known });
    uploads.add(entry, Object.assign(new Blob(["x"]), { name }), known);
    return entry;
  };
  return { requests, guards, line, outbox, ready, uploads, pick };
}

const stored = { success: 1, id: "u1", Type: "image", Url: "/media/a.jpg", Name: "a.jpg" };

test("files of a chat go one after the other, with their fields first", async (t) => {
  const { requests, guards, outbox, ready, uploads, pick } = place(t);
  const one = pick("c", "a.jpg", { width: 4, height: 3, poster: new Blob(["p"]) });
  const two = pick("c", "b.txt");
  const other = pick("d", "c.txt");
  uploads.run("c");
  uploads.run("c");
  uploads.run("d");
  await turn();
  assert.equal(requests.length, 2, "one of each chat");
  assert.deepEqual([requests[0].path, requests[0].form], ["POST /upload", ["type", "width", "height", "duration", "poster", "file"]]);
  assert.equal(guards.size, 1, "the page asks before it is left");
  requests[0].upload.onprogress({ loaded: 1, total: 4 });
  assert.deepEqual([uploads.progress(one.clientId), uploads.progress(two.clientId)], [0.25, 0]);
  requests[0].answer(200, stored);
  await turn();
  assert.deepEqual([outbox.next("c"), one.upload, one.attachment.url, ready], [one, "u1", "/media/a.jpg", ["c"]]);
  requests[1].answer(200, stored);
  requests[2].answer(200, stored);
  await turn();
  assert.deepEqual([two.upload, other.upload, guards.size], ["u1", "u1", 0]);
});

test("one that is given up is taken back, and the next one goes", async (t) => {
  const { requests, outbox, uploads, pick } = place(t);
  const one = pick("c", "a.jpg");
  pick("c", "b.jpg");
  uploads.run("c");
  await turn();
  outbox.done(one.clientId);
  uploads.drop(one.clientId);
  await turn();
  assert.deepEqual([requests[0].status, requests.length, outbox.size], [0, 2, 1]);
});

test("what passes by itself is tried again, a few times, and what does not is said at once", async (t) => {
  const { requests, outbox, uploads, pick } = place(t);
  const one = pick("c", "a.jpg");
  uploads.run("c");
  for (const status of [503, 0, 503]) {
    await turn();
    requests.at(-1).answer(status, {}, "1");
    await turn();
    t.mock.timers.tick(2_000);
  }
  await turn();
  assert.deepEqual([requests.length, one.state, one.code], [3, "failed", "unavailable"]);
  outbox.retry(one.clientId, 2);
  uploads.run("c");
  await turn();
  requests.at(-1).answer(413, { success: -1 });
  await turn();
  assert.deepEqual([requests.length, one.state, one.code], [4, "failed", "too-large"]);
});

test("without a line nothing goes out, and then it does", async (t) => {
  const { requests, line, uploads, pick } = place(t);
  pick("c", "a.jpg");
  line.online = false;
  uploads.run("c");
  await turn();
  assert.equal(requests.length, 0);
  line.comesBack();
  await turn();
  assert.equal(requests.length, 1);
});

test("a file of an earlier visit that the server has lost can't be sent", async (t) => {
  const { outbox, uploads } = place(t);
  const entry = outbox.attach("c", "personal", "", 1, { type: "file", name: "a" });
  await uploads.run("c");
  assert.deepEqual([entry.state, entry.code], ["failed", "no-file"]);
});
