// Reads new messages of the open chat out to those who listen to the page. The log itself
// says nothing, as it would also read out the history that one scrolls through.
import { gist } from "../live/wording.js";
import { html, useEffect, useRef, useState } from "../../vendor/preact.standalone.module.js";

export function Announcer({ messages, me, loaded }) {
  const told = useRef();
  const [text, setText] = useState("");
  const newest = messages.at(-1);
  useEffect(() => {
    if (!loaded) return;
    const before = told.current;
    told.current = newest?.seq ?? 0;
    if (before === undefined || !newest || newest.seq <= before) return;
    if (!newest.news && newest.from !== me) setText(`${newest.sender}: ${gist({ content: newest.content, media: newest.attachment }).slice(0, 300)}`);
  }, [loaded, newest?.seq]);
  return html`<p class="unseen" aria-live="polite" dir="auto">${text}</p>`;
}
