// Changes the picture of oneself or of a group, by the server's routes. Each resolves to {} or to
// a problem in words.
import { ask } from "../../rest.js";
import { mediaPath, refusal } from "../model/media.js";
import { leave } from "./line.js";
import { inWords } from "./toasts.js";
import { upload } from "./upload.js";

export function setPicture(session, id, path, file) {
  const body = new FormData();
  body.append("file", file, file.name);
  return settle(session, id, upload(path, body));
}

export const removePicture = (session, id, path) => settle(session, id, ask("DELETE", path));

async function settle(session, id, answering) {
  const answer = await answering;
  if (answer.status === 401) leave();
  if (answer.success !== 1) return { problem: inWords(answer.status === 400 ? "bad-picture" : refusal(answer)) };
  session.chats.pictured(id, mediaPath(answer.Picture));
  session.changes.tell();
  return {};
}
