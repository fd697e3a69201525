import assert from "node:assert/strict";
import { test } from "node:test";
import { readItem, readMessage } from "../static/chat/live/wire.js";
import { Chats } from "../static/chat/model/chats.js";
import { REFUSALS, fit, isSound, mediaPath, passes, readAttachment, refusal } from "../static/chat/model/media.js";
import { MOST, Tray } from "../static/chat/model/tray.js";
import english from "../static/i18n/chat.en.js";

test("only files of this server are an address", () => {
  const good = ["/media/0abc.jpg", "/media/profile/9xyz.png", "/media/a"];
  for (const path of good) assert.equal(mediaPath(path), path);
  const bad = [
    "https://evil.example/media/a.jpg", "//evil.example/media/a.jpg", "javascript:alert(1)", "data:image/png,x", "blob:x", "/logout", "/media/", "/media/../logout",
    "/media/..%2flogout", "/media/a/../../logout", "/media\\..\\x", "/media/a?x=1", "/media/a#x", " /media/a", "/media/a\n", "/media/profile/../a", "/media/.a", "", null, undefined, 7, {},
  ];
  for (const path of bad) assert.equal(mediaPath(path), "", String(path));
});

test("what an attachment says is believed as far as it makes sense", () => {
  assert.equal(readAttachment(undefined), undefined);
  assert.equal(readAttachment("x"), undefined);
  const lies = readAttachment({ Type: "script", Url: "javascript:1", Thumb: 5, Name: "a\u202egpj.exe\n", Size: -1, Width: "9", Height: Infinity, Duration: NaN, Caption: {} });
  assert.deepEqual(lies, { type: "file", url: "", thumb: "", name: "agpj.exe", size: 0, width: 0, height: 0, duration: 0, caption: "" });
});

test("a message with a file says what its sender wrote to it, and no more", () => {
  const wire = { Id: "i", Seq: 4, SenderId: "ana", Content: "[image] a.jpg", Attachment: { Type: "image", Url: "/media/a.jpg", Name: "a.jpg", Caption: "" } };
  const message = readMessage(wire, { kind: "personal", name: "Ana" }, { id: "me" });
  assert.equal(message.content, "");
  assert.equal(message.attachment.name, "a.jpg");
  assert.equal(readMessage({ ...wire, Attachment: undefined }, { kind: "personal" }, { id: "me" }).content, "[image] a.jpg");
});

test("a list says the same of a file as its message did when it came", () => {
  for (const [content, file] of [
    ["The sea", { Type: "image", Name: "a.jpg", Caption: "The sea" }],
    ["[file] a b.pdf", { Type: "file", Name: "a b.pdf", Caption: "" }],
    ["[image] no picture", undefined],
    ["[location] 52.5, 13.4", undefined],
  ]) {
    const message = { Id: "i", Seq: 4, SenderId: "ana", Content: content };
    const chats = new Chats();
    chats.identify("me", "Me");
    chats.replace("personal", [{ id: "c", name: "Ana", partner: "ana", at: 1, seq: 3 }]);
    chats.said("c", readMessage({ ...message, Attachment: file && { ...file, Url: "/media/a" } }, chats.get("c"), chats.me));
    const told = ({ last }) => [last.content, last.media?.type, last.media?.name]; // of which the list makes its words
    const live = told(chats.get("c"));
    assert.deepEqual(told(readItem({ ChatId: "c", LastMessage: { ...message, Attachment: file } })), live);
    assert.deepEqual(live, file ? [file.Caption, file.Type, file.Name] : [content, undefined, undefined]);
  }
});

test("a picture's place is known before it is there, and bounded", () => {
  assert.deepEqual(fit({ width: 640, height: 320 }), { width: 320, height: 160 });
  assert.deepEqual(fit({ width: 100, height: 80 }), { width: 100, height: 80 });
  for (const size of [{ width: 90_000, height: 3 }, { width: 3, height: 90_000 }, { width: 0, height: 0 }]) {
    const { width, height } = fit(size);
    assert.ok(width >= 56 && width <= 320 && height >= 56 && height <= 340, JSON.stringify(size));
  }
});

test("sound is what is a voice message, or is called so", () => {
  assert.ok(isSound({ type: "voice", name: "" }));
  assert.ok(isSound({ type: "file", name: "song.MP3" }));
  assert.ok(!isSound({ type: "file", name: "mp3.pdf" }));
});

test("each refusal of an upload has its words, and there are none for others", () => {
  const keys = Object.keys(english).filter((key) => key.startsWith("refusal.")).sort();
  assert.deepEqual(keys, [...REFUSALS, "named", "and"].map((code) => `refusal.${code}`).sort());
  const codes = [[0], [413, -1], [403, -1], [403, 0], [400, -1], [429, -1], [503, -1], [500, -1]].map(([status, success]) => refusal({ status, success }));
  assert.deepEqual(codes, ["cut-off", "too-large", "quota", "not-allowed", "bad-file", "rate-limited", "unavailable", "internal"]);
  for (const code of codes) assert.ok(`refusal.${code}` in english || `error.${code}` in english, code);
  assert.deepEqual([0, 413, 400, 429, 503].map((status) => passes({ status })), [true, false, false, true, true]);
});

const file = (name, size = 1) => ({ name, size });

test("a tray holds what can be sent, for each chat", async () => {
  let changes = 0;
  const tray = new Tray(async (one) => ({ type: "image", width: one.size }), () => changes++);
  assert.deepEqual(tray.add("a", [file("one.jpg", 7), file("nothing.txt", 0), file("two.jpg")]), [{ name: "nothing.txt", why: "empty" }]);
  assert.deepEqual(tray.of("a").map(({ name }) => name), ["one.jpg", "two.jpg"]);
  assert.deepEqual(tray.of("b"), []);
  await tray.of("a")[0].about;
  assert.equal(tray.of("a")[0].known.width, 7);
  tray.remove("a", tray.of("a")[0].id);
  assert.deepEqual(tray.take("a").map(({ name }) => name), ["two.jpg"]);
  assert.deepEqual(tray.of("a"), []);
  assert.ok(changes >= 4);
  const refused = tray.add("a", Array.from({ length: MOST + 2 }, (_, i) => file(String(i))));
  assert.deepEqual([tray.of("a").length, refused.length, refused[0].why], [MOST, 2, "too-many"]);
});

test("pictures are of an id, and are there until something else is said", () => {
  const chats = new Chats();
  chats.replace("personal", [{ ...readItem({ ChatId: "c", PartnerId: "ana", Picture: "/media/profile/a.jpg" }) }]);
  assert.equal(chats.picture("ana"), "/media/profile/a.jpg");
  chats.replace("personal", [{ ...readItem({ ChatId: "c", PartnerId: "ana" }) }]);
  assert.equal(chats.picture("ana"), "/media/profile/a.jpg");
  chats.replace("personal", [{ ...readItem({ ChatId: "c", PartnerId: "ana", Picture: "" }) }]);
  assert.equal(chats.picture("ana"), "");
  assert.equal(readItem({ Picture: "//evil.example/x" }).picture, "");
});
