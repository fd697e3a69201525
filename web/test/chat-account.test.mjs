import assert from "node:assert/strict";
import { test } from "node:test";
import { daysBetween } from "../static/chat/model/rows.js";
import { checkChange, checkDeletion, judge } from "../static/chat/model/verdicts.js";

test("what the answers of the account's routes mean", () => {
  const wrong = (field) => ({ problem: "problem-wrong-password", field });
  const cases = [
    ["password", { status: 200, success: 1 }, {}],
    ["password", { status: 200, success: 0 }, wrong("current")],
    ["password", { status: 400, success: -1 }, { problem: "problem-password-common", field: "password" }],
    ["password", { status: 404, success: -1 }, { problem: "problem-refused" }],
    ["password", { status: 401, success: 0 }, { over: true }],
    ["password", { status: 429, success: -1, retryAfter: 30 }, { problem: "problem-wait", values: { count: 30 } }],
    ["sessions", { status: 200 }, { problem: "problem-refused" }],
    ["ending", { status: 200, success: 1 }, {}],
    ["ending", { status: 404, success: 0 }, {}],
    ["ending", { status: 0 }, { problem: "problem-unreachable" }],
    ["deletion", { status: 200, success: 1 }, {}],
    ["deletion", { status: 200, success: 0 }, wrong("password")],
    ["deletion", { status: 503, success: -1 }, { problem: "problem-server" }],
  ];
  for (const [what, answer, want] of cases) assert.deepEqual(judge(what, answer), want, JSON.stringify([what, answer]));
});

test("this session comes first, then the one that was used last", () => {
  const at = (day) => `2026-03-0${day}T10:00:00.000Z`;
  const session = (id, used, current = false) => ({ id, kind: "pair", created: at(1), lastUsed: at(used), current });
  const { sessions } = judge("sessions", { status: 200, success: 1, sessions: [session("old", 2), session("new", 4), session("mine", 3, true)] });
  assert.deepEqual(sessions.map(({ id }) => id), ["mine", "new", "old"]);
  assert.deepEqual(sessions[0], { id: "mine", kind: "pair", since: Date.parse(at(1)), used: Date.parse(at(3)), current: true });
});

test("a form says what is missing before it goes out", () => {
  assert.deepEqual(checkChange({ current: "", password: "short" }), { current: "problem-no-password", password: "problem-password-short" });
  assert.deepEqual(checkChange({ current: "x", password: "long enough" }), {});
  assert.deepEqual(checkDeletion({ password: "", word: "delet" }, "delete"), { password: "problem-no-password", word: "problem-word" });
  assert.deepEqual(checkDeletion({ password: "x", word: " Delete " }, "delete"), {});
});

test("days are told apart at midnight", () => {
  const at = (day, hour) => new Date(2026, 2, day, hour).getTime();
  assert.equal(daysBetween(at(3, 0), at(3, 23)), 0);
  assert.equal(daysBetween(at(3, 23), at(4, 0)), 1);
  assert.equal(daysBetween(at(25, 12), at(25 + 7, 1)), 7);
});
