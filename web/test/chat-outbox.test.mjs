import assert from "node:assert/strict";
import { test } from "node:test";
import { Drafts } from "../static/chat/model/drafts.js";
import { Outbox } from "../static/chat/model/outbox.js";
import { Storage } from "../static/chat/model/storage.js";

// kept is what a browser's localStorage is to these.
function kept() {
  const map = new Map();
  return {
    getItem: (key) => map.get(key) ?? null,
    setItem: (key, text) => map.set(key, text),
    removeItem: (key) => map.delete(key),
    key: (i) => [...map.keys()][i],
    get length() {
      return map.size;
    },
  };
}

function outbox(storage, user = "ana") {
  let n = 0;
  const made = new Outbox(storage, () => `${user}-${++n}-${Math.random()}`);
  made.load(user);
  return made;
}

// A page that came over plain http from another machine has only this much of crypto.
test("messages get names of their own without https", (t) => {
  t.mock.method(crypto, "randomUUID", () => assert.fail("there is none"));
  const box = new Outbox(new Storage(kept()));
  box.load("ana");
  const names = new Set(["one", "two"].map((text) => box.add("c", "self", text, 1).clientId));
  assert.equal(names.size, 2);
  for (const name of names) assert.match(name, /^[0-9a-f]{32}$/);
});

const texts = (box, chat) => box.of(chat).map((entry) => entry.content);

test("messages go out in the order of writing, and leave when they are stored", () => {
  const box = outbox(new Storage(kept()));
  const first = box.add("c", "personal", "one", 5);
  box.add("c", "personal", "two", 5);
  assert.equal(box.next("c"), first);
  box.done(first.clientId);
  assert.equal(box.next("c").content, "two");
  assert.deepEqual(box.chats(), ["c"]);
});

test("a reload in the middle loses nothing, nor the order", () => {
  const storage = new Storage(kept());
  const before = outbox(storage);
  for (const text of ["one", "two", "three"]) before.add("c", "group", text, 7);
  const after = outbox(storage);
  assert.deepEqual(texts(after, "c"), ["one", "two", "three"]);
  assert.deepEqual(after.of("c").map((e) => e.clientId), before.of("c").map((e) => e.clientId));
});

test("what one tab has sent, another one does not bring back", () => {
  const storage = new Storage(kept());
  const one = outbox(storage);
  const entry = one.add("c", "personal", "hello", 1);
  const other = outbox(storage);
  one.done(entry.clientId);
  assert.equal(other.done(entry.clientId).content, "hello");
  assert.deepEqual(texts(outbox(storage), "c"), []);
});

test("a failed one waits for its retry, and then goes last", () => {
  const box = outbox(new Storage(kept()));
  const bad = box.add("c", "personal", "bad", 1);
  box.fail(bad.clientId, "blocked");
  box.add("c", "personal", "good", 2);
  assert.equal(box.next("c").content, "good");
  box.retry(bad.clientId, 3);
  assert.deepEqual(texts(box, "c"), ["good", "bad"]);
  assert.equal(box.of("c")[1].state, "pending");
});

test("another user of the same browser has another outbox", () => {
  const storage = new Storage(kept());
  outbox(storage, "ana").add("c", "personal", "secret", 1);
  assert.equal(outbox(storage, "ben").size, 0);
});

test("a browser that keeps nothing still sends", () => {
  const full = { ...kept(), setItem: () => { throw new Error("quota"); } };
  for (const storage of [new Storage(undefined), new Storage(full)]) {
    const box = outbox(storage);
    box.add("c", "personal", "hello", 1);
    assert.deepEqual(texts(outbox(storage), "c"), ["hello"]);
  }
});

test("drafts are of a user and a chat, and end with their text", () => {
  const drafts = new Drafts(new Storage(kept()));
  drafts.set("ana", "c", "half a th");
  assert.equal(drafts.get("ana", "c"), "half a th");
  assert.equal(drafts.get("ben", "c"), "");
  drafts.set("ana", "c", "  ");
  assert.equal(drafts.get("ana", "c"), "");
});

const picture = { type: "image", name: "a.jpg", url: "", thumb: "", size: 9 };

test("a text does not wait for a file, and files keep their order", () => {
  const box = outbox(new Storage(kept()));
  const one = box.attach("c", "personal", "look", 1, picture);
  const two = box.attach("c", "personal", "", 2, picture);
  const text = box.add("c", "personal", "meanwhile", 3);
  assert.equal(box.next("c"), text);
  assert.equal(box.waiting("c"), one);
  box.uploaded(one.clientId, "u1", { ...picture, url: "/media/a.jpg" });
  assert.equal(box.waiting("c"), two);
  assert.equal(box.next("c"), one);
  box.done(one.clientId);
  assert.equal(box.next("c"), text);
});

test("a file is kept over a reload once the server has it", () => {
  const storage = new Storage(kept());
  const before = outbox(storage);
  const entry = before.attach("c", "personal", "look", 1, picture);
  assert.equal(outbox(storage).size, 0, "it can't be kept before");
  before.uploaded(entry.clientId, "u1", picture);
  const [after] = outbox(storage).of("c");
  assert.deepEqual([after.upload, after.content, after.attachment.name], ["u1", "look", "a.jpg"]);
});

test("an upload that failed waits for its retry, and one that the server lost is brought again", () => {
  const storage = new Storage(kept());
  const box = outbox(storage);
  const entry = box.attach("c", "personal", "", 1, picture);
  box.fail(entry.clientId, "cut-off");
  assert.equal(box.waiting("c"), undefined);
  assert.equal(outbox(storage).size, 0);
  box.retry(entry.clientId, 2);
  assert.equal(box.waiting("c"), entry);
  box.uploaded(entry.clientId, "u1", picture);
  box.fail(entry.clientId, "blocked");
  box.retry(entry.clientId, 3);
  assert.equal(box.next("c"), entry, "the server has the file still");
  box.fail(entry.clientId, "no-file");
  box.retry(entry.clientId, 4);
  assert.equal(box.waiting("c"), entry);
  assert.equal(outbox(storage).size, 0);
});
