// What an account may be made of, by the server's own rules, and what the server's answers
// mean. Nothing here touches the page: a problem is the key of its text, and its values.

const MAX_NAME = 64;
const MIN_PASSWORD = 8;
const MAX_PASSWORD = 256;
const MAX_EMAIL = 254; // bytes

const length = (text) => [...text].length; // in characters, as the server counts

// RULES are by form and field; each gives a problem's key, or nothing.
export const RULES = {
  "sign-in": { email: checkEmail, password: (password) => (password === "" ? "problem-no-password" : undefined) },
  "sign-up": { name: checkName, email: checkEmail, password: checkPassword },
  mail: { email: checkEmail },
};

export function checkName(name) {
  const trimmed = name.trim();
  if (trimmed === "") return "problem-no-name";
  if (length(trimmed) > MAX_NAME) return "problem-name-length";
  if (/\p{Cc}/u.test(trimmed)) return "problem-name-characters";
}

// checkEmail finds what is plainly no address; the server knows the finer rules.
export function checkEmail(email) {
  const trimmed = email.trim();
  if (trimmed === "") return "problem-no-email";
  const bytes = new TextEncoder().encode(trimmed).length;
  if (bytes > MAX_EMAIL || !/^[^\s@]+@[^\s@]+$/.test(trimmed)) return "problem-email";
}

export function checkPassword(password) {
  if (password === "") return "problem-no-password";
  if (length(password) < MIN_PASSWORD) return "problem-password-short";
  if (length(password) > MAX_PASSWORD) return "problem-password-long";
}

// judge tells what an answer to a form means: {next} is where it leads, {problem, values,
// field} what to say, at the form as a whole where there is no field.
export function judge(form, { status, success, retryAfter }) {
  if (status === 0) return { problem: "problem-unreachable" };
  if (status === 429) return { problem: "problem-wait", values: { count: Math.max(1, retryAfter) } };
  if (status >= 500) return { problem: "problem-server" };
  if (form === "sign-in") return judgeSignIn(status, success);
  if (form === "sign-up") return judgeSignUp(status, success);
  return judgeResend(status, success);
}

function judgeSignIn(status, success) {
  if (success === 1) return { next: "chat" };
  if (success === -2) return { next: "mail" };
  if (success !== 0) return { problem: "problem-refused" };
  if (status === 404) return { problem: "problem-no-user", field: "email" };
  return { problem: "problem-wrong-password", field: "password" };
}

// A name or a password that the server refuses has not got this far, so it was the email.
function judgeSignUp(status, success) {
  if (success === 1) return { next: "mail" };
  if (success === 0) return { problem: "problem-email-taken", field: "email" };
  if (status === 400) return { problem: "problem-email", field: "email" };
  return { problem: "problem-refused" };
}

function judgeResend(status, success) {
  if (success === 1) return { next: "sent" };
  if (success === 0) return { problem: "problem-already-verified", field: "email" };
  if (status === 404) return { problem: "problem-no-user", field: "email" };
  return { problem: "problem-refused" };
}
