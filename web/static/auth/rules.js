// What an account may be made of, by the server's own rules, and what the server's answers
// mean. Nothing here touches the page: a problem is the key of its text, and its values.
import { checkPassword, length, trouble } from "../accounts.js";

const MAX_NAME = 64;
const MAX_EMAIL = 254; // bytes

// RULES are by form and field; each gives a problem's key, or nothing.
export const RULES = {
  "sign-in": { email: checkEmail, password: (password) => (password === "" ? "problem-no-password" : undefined) },
  "sign-up": { name: checkName, email: checkEmail, password: checkPassword },
  mail: { email: checkEmail },
  forgot: { email: checkEmail },
  reset: { password: checkPassword },
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

const JUDGES = { "sign-in": judgeSignIn, "sign-up": judgeSignUp, mail: judgeResend, forgot: judgeForgot, reset: judgeReset };

// judge tells what an answer to a form means: {next} is where it leads, {problem, values,
// field} what to say, at the form as a whole where there is no field, and {aside} what to show
// with it.
export function judge(form, answer) {
  return trouble(answer) ?? JUDGES[form](answer);
}

// A server that hides who has an account says the same of an address that is not confirmed, so
// the way to a new mail is shown with it.
function judgeSignIn({ status, success }) {
  if (success === 1) return { next: "chat" };
  if (success === -2) return { next: "mail" };
  if (success !== 0) return { problem: "problem-refused" };
  if (status === 404) return { problem: "problem-no-user", field: "email" };
  return { problem: "problem-wrong-password", field: "password", aside: "sign-in-unconfirmed" };
}

// A name that the server refuses has not got this far, so it was the email or a password that
// is too common; there is one number for both, and the words tell which.
function judgeSignUp({ status, success, message }) {
  if (success === 1) return { next: "mail" };
  if (success === 0) return { problem: "problem-email-taken", field: "email" };
  if (status !== 400) return { problem: "problem-refused" };
  if (/password/i.test(message)) return { problem: "problem-password-common", field: "password" };
  return { problem: "problem-email", field: "email" };
}

function judgeResend({ status, success }) {
  if (success === 1) return { next: "sent" };
  if (success === 0) return { problem: "problem-already-verified", field: "email" };
  if (status === 404) return { problem: "problem-no-user", field: "email" };
  return { problem: "problem-refused" };
}

function judgeForgot({ success }) {
  return success === 1 ? { next: "sent" } : { problem: "problem-refused" };
}

function judgeReset({ status, success }) {
  if (success === 1) return { next: "changed" };
  if (status !== 400) return { problem: "problem-refused" };
  if (success === 0) return { next: "expired" };
  return { problem: "problem-password-common", field: "password" };
}
