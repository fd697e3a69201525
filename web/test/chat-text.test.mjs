import assert from "node:assert/strict";
import { test } from "node:test";
import { emojiOnly, pieces } from "../static/chat/model/pieces.js";
import { rows } from "../static/chat/model/rows.js";

const links = (text) => pieces(text).filter((piece) => piece.href).map((piece) => piece.text);

test("links are those of the web and of mail, without the sentence around them", () => {
  const tests = {
    "see https://example.org/a?b=c#d.": ["https://example.org/a?b=c#d"],
    "(http://example.org/a_(b))": ["http://example.org/a_(b)"],
    "two: http://a.example, https://b.example!": ["http://a.example", "https://b.example"],
    "mailto:ana@example.org": ["mailto:ana@example.org"],
    "javascript:alert(1) data:text/html,x ftp://a.example": [],
    "https:// and http://": [],
    "<img src=x onerror=alert(1)>": [],
    "https://a.example\"onmouseover=alert(1)": ["https://a.example"],
  };
  for (const [text, want] of Object.entries(tests)) {
    assert.deepEqual(links(text), want, text);
    assert.equal(pieces(text).map((piece) => piece.text).join(""), text, "nothing gets lost");
  }
});

test("16 KiB without a space are one piece, at once", () => {
  for (const text of ["x".repeat(16384), "https://e.example/" + ")".repeat(16000), ".".repeat(16384)]) {
    const began = performance.now();
    assert.equal(pieces(text).map((piece) => piece.text).join(""), text);
    assert.ok(performance.now() - began < 1000);
  }
});

test("pictures alone are large, words and digits are not", () => {
  for (const text of ["🎉", "👍🏽 👨‍👩‍👧", "🇩🇪"]) assert.equal(emojiOnly(text), true, text);
  for (const text of ["1", "ok 🎉", "🎉🎉🎉🎉", " ", "#"]) assert.equal(emojiOnly(text), false, text);
});

const at = (day, minute) => new Date(2024, 4, day, 12, minute).getTime();
const said = (seq, from, when, more) => ({ seq, from, at: when, content: "", ...more });

test("days, what is unread and who speaks part the messages", () => {
  const messages = [
    said(1, "ana", at(1, 0)),
    said(2, "ana", at(1, 1)),
    said(3, "ana", at(1, 20)),
    said(4, "ben", at(1, 21)),
    said(5, "ben", at(1, 22)),
    said(6, "ben", at(2, 0)),
    said(7, "ana", at(2, 0), { news: { key: "left" } }),
  ];
  const made = rows(messages, { unreadFrom: 5 }).map((row) => {
    if (row.type !== "message") return row.type;
    return `${row.message.seq}${row.first ? " first" : ""}${row.last ? " last" : ""}`;
  });
  assert.deepEqual(made, ["day", "1 first", "2 last", "3 first last", "4 first last", "unread", "5 first last", "day", "6 first last", "news"]);
});

test("a stretch in the middle begins with its day, and is unread only once", () => {
  const messages = [said(1, "ana", at(1, 0)), said(2, "ana", at(1, 1))];
  const made = rows(messages.slice(1), { before: messages[0], unreadFrom: 1 });
  assert.deepEqual(made.map((row) => row.type), ["day", "message"]);
});
