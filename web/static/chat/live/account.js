// What somebody does about their account, by the server's routes. Each resolves to a verdict
// (model/verdicts.js). Whoever turns out to be signed out leaves.
import { ask } from "../../rest.js";
import { judge } from "../model/verdicts.js";
import { leave } from "./line.js";

// NOTE is where the sign-in page finds what it is to say.
const NOTE = "expresschat.note";

async function send(what, method, path, body) {
  const verdict = judge(what, await ask(method, path, body));
  if (verdict.over) leave();
  return verdict;
}

export const changePassword = (fields) => send("password", "POST", "/password", fields);
export const listSessions = () => send("sessions", "GET", "/sessions");
export const endSession = ({ id }) => send("ending", "DELETE", `/sessions/${id}`);

// endSessions ends one after the other, up to the first that can't be.
export async function endSessions(sessions) {
  for (const session of sessions) {
    const verdict = await endSession(session);
    if (verdict.problem || verdict.over) return verdict;
  }
  return {};
}

export async function deleteAccount(session, password) {
  let verdict;
  await session.line.part(async () => {
    verdict = await send("deletion", "DELETE", "/account", { password });
    if (verdict.problem || verdict.over) return false;
    await session.push.off();
    session.forget();
    sessionStorage.setItem(NOTE, "deleted");
    return true;
  });
  return verdict;
}
