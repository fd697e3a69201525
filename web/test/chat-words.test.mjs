import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CODES } from "../static/chat/model/codes.js";
import { NEWS, keyOf } from "../static/chat/model/news.js";
import english from "../static/i18n/chat.en.js";

const withPrefix = (prefix) => Object.keys(english).filter((key) => key.startsWith(prefix)).sort();

test("every error code has its words, and there are none for others", () => {
  assert.deepEqual(withPrefix("error."), CODES.map((code) => `error.${code}`).sort());
});

test("the codes are those of the protocol", () => {
  const [, listed] = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8").match(/Codes: `([^`]+)`/);
  assert.deepEqual([...listed.trim().split(/\s+/), "offline", "no-answer"], CODES);
});

test("every kind of news has its words, and there are none for others", () => {
  const people = [["Ana", "Ben"], ["", "Ben"], ["Ana", ""]];
  const keys = NEWS.flatMap((key) => people.map(([byName, name]) => keyOf({ key, byName, name })));
  assert.deepEqual(withPrefix("news."), [...new Set(keys)].sort());
});
