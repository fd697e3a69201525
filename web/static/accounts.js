// What both pages know of accounts: which passwords there may be, by the server's own rules,
// and what to say where a route does not do its work. Nothing here touches a page: a problem is
// the key of its text, and its values.

const MIN_PASSWORD = 8;
const MAX_PASSWORD = 256;

// length is in characters, as the server counts.
export const length = (text) => [...text].length;

// checkPassword finds what is wrong with a new password. Which ones are too common only the
// server knows.
export function checkPassword(password) {
  if (password === "") return "problem-no-password";
  if (length(password) < MIN_PASSWORD) return "problem-password-short";
  if (length(password) > MAX_PASSWORD) return "problem-password-long";
}

// From so many seconds on, a wait is told in minutes.
const LONG = 120;

// trouble is what an answer says that is the same for every route, or nothing.
export function trouble({ status, retryAfter }) {
  if (status === 0) return { problem: "problem-unreachable" };
  if (status === 429 && retryAfter > LONG) return { problem: "problem-wait-long", values: { count: Math.ceil(retryAfter / 60) } };
  if (status === 429) return { problem: "problem-wait", values: { count: Math.max(1, retryAfter) } };
  if (status >= 500) return { problem: "problem-server" };
}
