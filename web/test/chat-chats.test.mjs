import assert from "node:assert/strict";
import { test } from "node:test";
import { Chats } from "../static/chat/model/chats.js";
import { readCursors, readDetails, readItem, readMessage } from "../static/chat/live/wire.js";
import { callDeleted } from "../static/chat/model/people.js";

function people() {
  const chats = new Chats();
  chats.identify("me", "Me");
  chats.replace("personal", [{ id: "a", name: "Ana", partner: "ana", at: 20, unread: 1, seq: 4, readSeq: 3 }]);
  chats.replace("group", [{ id: "g", name: "Group", at: 10, unread: 0, seq: 7, readSeq: 7 }]);
  return chats;
}

const order = (chats) => chats.inOrder().map((chat) => chat.id);
const said = (seq, from) => ({ seq, from, sender: from, content: "hello", at: 100 + seq });

test("the chat in which something is said comes first", () => {
  const chats = people();
  assert.deepEqual(order(chats), ["a", "g", "me"]);
  chats.said("g", said(8, "ben"));
  assert.deepEqual(order(chats), ["g", "a", "me"]);
  assert.equal(chats.get("g").last.content, "hello");
});

test("unread counts what others said, each once", () => {
  const chats = people();
  chats.said("g", said(8, "ben"));
  chats.said("g", said(8, "ben"));
  chats.said("g", said(9, "me"));
  chats.said("a", said(4, "ana"));
  assert.equal(chats.get("g").unread, 1);
  assert.equal(chats.get("a").unread, 1);
  assert.equal(chats.unread(), 2);
});

test("reading to the end leaves none, on another tab too", () => {
  const chats = people();
  chats.said("a", said(6, "ana"));
  chats.readTo("a", 4);
  assert.equal(chats.get("a").unread, 2, "how many are left in between is the server's to say");
  chats.readTo("a", 6);
  assert.equal(chats.get("a").unread, 0);
  chats.readTo("a", 4);
  assert.equal(chats.get("a").readSeq, 6, "a cursor never goes back");
});

test("lists that come again replace what was, and name what is gone", () => {
  const chats = people();
  chats.update("g", { details: { members: [] } });
  assert.deepEqual(chats.replace("personal", []), ["a"]);
  assert.deepEqual(chats.replace("group", [{ id: "g", name: "New name", at: 10, unread: 3, seq: 9 }]), []);
  assert.equal(chats.get("g").name, "New name");
  assert.equal(chats.get("g").unread, 3);
  assert.ok(chats.get("g").details);
});

test("typing ends with stop, with a message, or by itself", () => {
  const chats = people();
  chats.typing("g", "ben", "Ben", "typing", 50);
  assert.equal(chats.typists("g", 40).length, 1);
  assert.equal(chats.typists("g", 60).length, 0);
  chats.said("g", said(8, "ben"));
  assert.equal(chats.typists("g", 40).length, 0);
});

test("presence is of a connection", () => {
  const chats = people();
  chats.present(["ana"]);
  assert.ok(chats.isOnline("ana"));
  chats.identify("me", "Me");
  assert.ok(!chats.isOnline("ana"));
});

test("a name that changes changes everywhere", () => {
  const chats = people();
  chats.said("a", said(5, "ana"));
  chats.rename("ana", "Anna");
  assert.equal(chats.get("a").name, "Anna");
  assert.equal(chats.get("a").last.sender, "Anna");
  chats.rename("me", "I");
  assert.equal(chats.get("me").name, "I");
});

test("a list item of a server without the newer keys is a chat too", () => {
  const item = readItem({ _id: "a", LastChat: "2024-05-01T10:00:00.000Z", Partner: "Ana", Unread: 0 });
  assert.equal(item.id, "a");
  assert.equal(item.name, "Ana");
  assert.equal(item.at, Date.UTC(2024, 4, 1, 10));
});

test("cursors are the last message that each one has read", () => {
  const messages = [
    { Seq: 5, SenderId: "me", ReadStatus: { me: "Read", ana: "Unread", ben: "Read" } },
    { Seq: 3, SenderId: "me", ReadStatus: { me: "Read", ana: "Read", ben: "Read" } },
  ];
  assert.deepEqual([...readCursors(messages)].sort(), [["ana", 3], ["ben", 5]]);
});

test("who has deleted their account is called so in the reader's language, and nothing else is", (t) => {
  callDeleted("محذوف");
  t.after(() => callDeleted("Deleted user"));
  const last = { Sender: "Deleted user", SenderId: "x", Content: "Deleted user", Seq: 1 };
  const item = readItem({ ChatId: "a", Partner: "Deleted user", LastMessage: last });
  assert.deepEqual([item.name, item.last.sender, item.last.content], ["محذوف", "محذوف", "Deleted user"]);
  assert.equal(readItem({ ChatId: "g", Name: "Deleted user" }).name, "Deleted user", "a group");
  assert.equal(readItem({ ChatId: "a", Partner: "Ana" }).name, "Ana");
  assert.equal(readMessage(last, { kind: "group", name: "g" }, { id: "me" }).sender, "محذوف");
  const { members } = readDetails({ Participants: { x: "Deleted user" }, Members: [{ Id: "x", Name: "Deleted user", Role: "member" }] });
  assert.equal(members[0].name, "محذوف");
  assert.equal(readDetails({ Participants: { x: "Deleted user" } }).members[0].name, "محذوف");
});
