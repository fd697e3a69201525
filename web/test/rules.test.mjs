import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPassword, trouble } from "../static/accounts.js";
import { begin, secondsLeft, watch } from "../static/auth/countdown.js";
import { checkEmail, checkName, judge } from "../static/auth/rules.js";

test("a name has 1 to 64 characters, trimmed, none of them a control character", () => {
  assert.equal(checkName("  \t "), "problem-no-name");
  assert.equal(checkName("a\u0000b"), "problem-name-characters");
  assert.equal(checkName("😀".repeat(65)), "problem-name-length");
  assert.equal(checkName(` ${"😀".repeat(64)} `), undefined);
});

test("a password has 8 to 256 characters, spaces counted", () => {
  assert.equal(checkPassword(""), "problem-no-password");
  assert.equal(checkPassword("😀".repeat(7)), "problem-password-short");
  assert.equal(checkPassword(" ".repeat(8)), undefined);
  assert.equal(checkPassword("😀".repeat(256)), undefined);
  assert.equal(checkPassword("x".repeat(257)), "problem-password-long");
});

test("an email has something on both sides of one @", () => {
  assert.equal(checkEmail(" "), "problem-no-email");
  for (const bad of ["ana", "@b", "a@", "a b@c", "a@b@c", `${"é".repeat(127)}@b`]) assert.equal(checkEmail(bad), "problem-email", bad);
  assert.equal(checkEmail(" ana@example "), undefined);
});

test("what the server's answers mean", () => {
  const cases = [
    ["sign-in", { status: 200, success: 1 }, { next: "chat" }],
    ["sign-in", { status: 200, success: 0 }, { problem: "problem-wrong-password", field: "password", aside: "sign-in-unconfirmed" }],
    ["sign-in", { status: 404, success: 0 }, { problem: "problem-no-user", field: "email" }],
    ["sign-in", { status: 404, success: -2 }, { next: "mail" }],
    ["sign-up", { status: 200, success: 1 }, { next: "mail" }],
    ["sign-up", { status: 404, success: 0 }, { problem: "problem-email-taken", field: "email" }],
    ["sign-up", { status: 400, success: -1 }, { problem: "problem-email", field: "email" }],
    ["sign-up", { status: 400, success: -1, message: "This password is too common" }, { problem: "problem-password-common", field: "password" }],
    ["sign-up", { status: 403 }, { problem: "problem-refused" }],
    ["mail", { status: 200, success: 1 }, { next: "sent" }],
    ["mail", { status: 404, success: 0 }, { problem: "problem-already-verified", field: "email" }],
    ["mail", { status: 404, success: -1 }, { problem: "problem-no-user", field: "email" }],
    ["forgot", { status: 200, success: 1 }, { next: "sent" }],
    ["forgot", { status: 400, success: -1 }, { problem: "problem-refused" }],
    ["reset", { status: 200, success: 1 }, { next: "changed" }],
    ["reset", { status: 400, success: 0 }, { next: "expired" }],
    ["reset", { status: 400, success: -1 }, { problem: "problem-password-common", field: "password" }],
    ["reset", { status: 404, success: -1 }, { problem: "problem-refused" }],
    ["mail", { status: 429, success: -1, retryAfter: 42 }, { problem: "problem-wait", values: { count: 42 } }],
    ["sign-up", { status: 0 }, { problem: "problem-unreachable" }],
    ["sign-up", { status: 503, success: -1 }, { problem: "problem-server" }],
  ];
  for (const [form, answer, want] of cases) assert.deepEqual(judge(form, answer), want, JSON.stringify([form, answer]));
});

test("a long wait is told in minutes, and none in nothing", () => {
  assert.deepEqual(trouble({ status: 429, retryAfter: 0 }), { problem: "problem-wait", values: { count: 1 } });
  assert.deepEqual(trouble({ status: 429, retryAfter: 120 }), { problem: "problem-wait", values: { count: 120 } });
  assert.deepEqual(trouble({ status: 429, retryAfter: 121 }), { problem: "problem-wait-long", values: { count: 3 } });
  assert.equal(trouble({ status: 401 }), undefined);
});

test("the wait is a minute from the last mail, whatever the clock does", () => {
  assert.equal(secondsLeft(0, 1_000_000), 0);
  assert.equal(secondsLeft(1_000_000, 1_000_000), 60);
  assert.equal(secondsLeft(1_000_000, 1_059_001), 1);
  assert.equal(secondsLeft(1_000_000, 1_060_000), 0);
  assert.equal(secondsLeft(1_000_000, 0), 60);
});

test("only the address that a mail went to has to wait, and only at its form", (context) => {
  const kept = new Map();
  globalThis.sessionStorage = { setItem: (key, text) => kept.set(key, text), getItem: (key) => kept.get(key) ?? null };
  context.mock.timers.enable({ apis: ["Date", "setInterval"], now: 1_000_000 });
  const left = (form, address) => {
    let seconds;
    watch(form, address, (n) => (seconds = n))();
    return seconds;
  };
  begin("forgot", "a@example.org");
  assert.equal(left("forgot", "a@example.org"), 60);
  assert.equal(left("forgot", "b@example.org"), 0);
  assert.equal(left("mail", "a@example.org"), 0);
  const shown = [];
  watch("forgot", "a@example.org", (n) => shown.push(n));
  context.mock.timers.tick(60_000);
  assert.deepEqual([shown[0], shown.at(-1), shown.length], [60, 0, 61]);
});
