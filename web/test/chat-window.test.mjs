import assert from "node:assert/strict";
import { test } from "node:test";
import { MOST, around, atEnd, down, slice, up } from "../static/chat/model/window.js";

const many = (n, first = 1) => Array.from({ length: n }, (_, i) => ({ seq: (first + i) * 2 }));

test("10,000 messages up and down again are never more than a bounded stretch", () => {
  const messages = many(10_000);
  let held = atEnd(messages);
  let steps = 0;
  for (let next; (next = up(messages, held)) !== held; held = next) {
    const [start, end] = slice(messages, next);
    const [before] = slice(messages, held);
    assert.ok(end - start <= MOST && start < before, `step ${steps} is [${start}, ${end})`);
    steps++;
  }
  assert.equal(slice(messages, held)[0], 0);
  for (let next; (next = down(messages, held)) !== held; held = next) {
    const [start, end] = slice(messages, next);
    assert.ok(end - start <= MOST && end > slice(messages, held)[1]);
  }
  assert.equal(slice(messages, held)[1], 10_000);
});

test("older messages that come in above do not move a stretch", () => {
  const messages = many(300, 1000);
  const held = around(messages, 100);
  const [start, end] = slice(messages, held);
  const more = [...many(150, 800), ...messages];
  assert.deepEqual(slice(more, held), [start + 150, end + 150]);
});

test("one that follows the end lets go of what is far above", () => {
  const messages = many(500);
  assert.deepEqual(slice(messages, { from: 2, to: undefined }, true), [300, 500]);
  assert.deepEqual(slice(messages, { from: 2, to: undefined }, false), [0, MOST]);
});

test("what is not sent yet comes last, and is shown at the end only", () => {
  const messages = [...many(400), { clientId: "c" }];
  assert.equal(slice(messages, atEnd(messages))[1], 401);
  assert.equal(slice(messages, { from: 2, to: 100 })[1], 50);
});
