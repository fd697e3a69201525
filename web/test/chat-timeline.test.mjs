import assert from "node:assert/strict";
import { test } from "node:test";
import { Timeline } from "../static/chat/model/timeline.js";

const said = (...seqs) => seqs.map((seq) => ({ id: `m${seq}`, seq, from: "ana", sender: "Ana", content: `${seq}`, at: seq }));
const seqs = (timeline) => timeline.messages.map((message) => message.seq);

test("pages and live messages make one order without doubles", () => {
  const timeline = new Timeline();
  timeline.loading = true;
  timeline.live(said(9)[0]);
  timeline.page("newest", said(9, 7, 5), true);
  timeline.page("older", said(5, 3, 1), false);
  timeline.live(said(11)[0]);
  timeline.live(said(11)[0]);
  assert.deepEqual(seqs(timeline), [1, 3, 5, 7, 9, 11]);
  assert.equal(timeline.older, false);
  assert.equal(timeline.known, 11);
});

test("a gap is filled from before it, whatever came live meanwhile", () => {
  const timeline = new Timeline();
  timeline.page("newest", said(2, 1), false);
  timeline.interrupted();
  timeline.live(said(9)[0]);
  assert.equal(timeline.known, 2, "what comes behind a gap does not close it");
  timeline.page("newer", said(5, 3), true);
  assert.equal(timeline.known, 5);
  assert.equal(timeline.stale, true);
  timeline.page("newer", said(9, 7), false);
  assert.deepEqual(seqs(timeline), [1, 2, 3, 5, 7, 9]);
  assert.equal(timeline.stale, false);
});

test("an own message does not hide what others said before it", () => {
  const timeline = new Timeline();
  timeline.page("newest", said(1), false);
  timeline.own({ ...said(4)[0], clientId: "c" });
  assert.equal(timeline.known, 1);
  timeline.live(said(3)[0]);
  assert.deepEqual(seqs(timeline), [1, 3, 4]);
});

test("a fetched message keeps the client id that its own copy had", () => {
  const timeline = new Timeline();
  timeline.page("newest", said(1), false);
  timeline.live(said(2)[0]);
  timeline.own({ ...said(2)[0], clientId: "c" });
  assert.equal(timeline.messages[1].clientId, "c");
  assert.equal(timeline.messages.length, 2);
});

test("a chat that was never opened keeps nothing", () => {
  const timeline = new Timeline();
  assert.equal(timeline.live(said(5)[0]), false);
  assert.deepEqual(seqs(timeline), []);
  timeline.loading = true;
  timeline.live(said(6)[0]);
  timeline.interrupted();
  assert.deepEqual(seqs(timeline), [], "what came before a broken connection has a gap behind it");
});

test("a cursor reads all before it, and its writer is no reader", () => {
  const timeline = new Timeline();
  timeline.page("newest", said(3, 2, 1), false);
  timeline.readBy("ben", 2);
  timeline.readBy("ben", 1);
  timeline.readBy("ana", 3);
  assert.deepEqual(timeline.readers(timeline.messages[1]), ["ben"]);
  assert.deepEqual(timeline.readers(timeline.messages[2]), []);
});
