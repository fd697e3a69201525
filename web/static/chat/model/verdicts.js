// What the answers of the account's routes mean: {over} that nobody is signed in any more, {problem,
// values, field} what to say, at the form as a whole where there is no field, and else what the
// route brought, for it was done. A problem is the key of its text.
import { checkPassword, trouble } from "../../accounts.js";

const JUDGES = {
  password({ status, success }) {
    if (success === 1) return {};
    if (success === 0) return { problem: "problem-wrong-password", field: "current" };
    return status === 400 ? { problem: "problem-password-common", field: "password" } : refused;
  },
  sessions({ success, sessions }) {
    return success === 1 ? { sessions: sessions.map(readSession).sort((a, b) => b.current - a.current || b.used - a.used) } : refused;
  },
  // One that is not there any more is as good as ended.
  ending({ status, success }) {
    return success === 1 || status === 404 ? {} : refused;
  },
  deletion({ success }) {
    if (success === 1) return {};
    return success === 0 ? { problem: "problem-wrong-password", field: "password" } : refused;
  },
};

const refused = { problem: "problem-refused" };

export function judge(what, answer) {
  if (answer.status === 401) return { over: true };
  return trouble(answer) ?? JUDGES[what](answer);
}

const readSession = ({ id, kind, created, lastUsed, current }) => ({ id, kind, since: Date.parse(created), used: Date.parse(lastUsed), current });

// The checks find what is wrong with a form before it goes out, by field.
export function checkChange({ current, password }) {
  return only({ current: current === "" && "problem-no-password", password: checkPassword(password) });
}

export function checkDeletion({ password, word }, wanted) {
  const same = word.trim().toLowerCase() === wanted.toLowerCase();
  return only({ password: password === "" && "problem-no-password", word: !same && "problem-word" });
}

const only = (problems) => Object.fromEntries(Object.entries(problems).filter(([, problem]) => problem));
