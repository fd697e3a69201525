// Why the server refuses something, as docs/protocol.md has it, and what this page adds for a
// line that is down. Each has its words, under "error." and the code.
export const CODES = [
  "bad-input", "bad-content", "bad-name", "bad-description", "no-such-chat", "no-such-user", "no-file", "oneself", "not-allowed",
  "already-member", "not-a-member", "group-full", "owner-stays", "blocked", "busy", "unavailable", "rate-limited",
  "too-many-connections", "internal",
  "offline", "no-answer",
];
