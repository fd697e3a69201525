// The messages of the open chat. However many are loaded, a bounded stretch of them is in
// the page, and what one looks at keeps its place when the stretch moves, when older ones
// come in above and when the room for them changes.
import { t } from "../../i18n.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "../../vendor/preact.standalone.module.js";
import { inWords } from "../live/toasts.js";
import { rows } from "../model/rows.js";
import { slice } from "../model/window.js";
import { Announcer } from "./announcer.js";
import { Icon } from "./icons.js";
import { onlyOne } from "./media.js";
import { Row } from "./message.js";
import { Readers } from "./readers.js";
import { Scroll } from "./scroll.js";

export function Log({ session, chat }) {
  const { history, chats, outbox } = session;
  const me = chats.me.id;
  const timeline = history.of(chat.id);
  const messages = withPending(timeline.messages, outbox.of(chat.id), session);
  const box = useRef();
  const [, redraw] = useState(0);
  const [asked, setAsked] = useState();
  const [large, setLarge] = useState();
  const scroll = useScroll(session, chat, box, () => redraw((n) => n + 1));

  scroll.take(timeline, messages);
  const [start, end] = slice(messages, scroll.held, scroll.following);
  useLayoutEffect(() => scroll.settle());
  useEffect(() => scroll.seen());

  const act = {
    retry: (clientId) => session.retry(clientId, chat.id),
    discard: (clientId) => session.discard(clientId),
    readers: setAsked,
    enlarge: (attachment) => import("./lightbox.js").then(({ Lightbox }) => setLarge({ Lightbox, attachment }), () => session.toasts.say(t("error.offline"))),
  };
  const shown = messages.slice(start, end);
  const lines = rows(shown, { before: messages[start - 1], unreadFrom: scroll.unreadFrom });
  return html`
    <div class="log-frame">
      ${history.isBusy(chat.id, "older") && html`<p class="loading" aria-hidden="true">${t("log.loading")}</p>`}
      <div ref=${box} class="log" role="log" aria-live="off" aria-label=${t("log.label")} aria-busy=${timeline.loaded ? undefined : "true"} tabindex="0" onScroll=${() => scroll.moved()} onPlayCapture=${onlyOne}>
        <${Beginning} chat=${chat} timeline=${timeline} start=${start} />
        <ol>
          ${lines.map((row) => {
            const mine = row.message?.from === me;
            const readers = mine ? readersOf(timeline, chat, row.message) : 0;
            return html`<${Row} key=${row.key} row=${row} kind=${chat.kind} mine=${mine} status=${statusOf(row.message, readers)} readers=${readers} picture=${chats.picture(row.message?.from)} act=${act} />`;
          })}
        </ol>
      </div>
      <p class="unseen" role="status">${uploadSaid(session.uploads)}</p>
      <${Announcer} chat=${chat} messages=${timeline.messages} me=${me} loaded=${timeline.loaded} />
      ${!scroll.following && html`<${ToNewest} count=${scroll.missed(messages)} jump=${() => scroll.toNewest()} />`}
      ${asked && html`<${Readers} session=${session} chat=${chat} message=${asked} close=${() => setAsked(undefined)} />`}
      ${large && html`<${large.Lightbox} attachment=${large.attachment} close=${() => setLarge(undefined)} />`}
    </div>`;
}

function useScroll(session, chat, box, redraw) {
  const scroll = useRef();
  scroll.current ??= new Scroll(session, chat.id, box, redraw);
  useEffect(() => scroll.current.watch(), []);
  return scroll.current;
}

// Beginning is what stands above the first message, if that is known.
function Beginning({ chat, timeline, start }) {
  if (!timeline.loaded) return html`<p class="beginning">${t("log.loading")}</p>`;
  if (timeline.older || start > 0) return null;
  const empty = timeline.messages.length === 0;
  return html`<p class="beginning">${t(`log.${empty ? "empty" : "beginning"}.${chat.kind}`, { name: `\u2068${chat.name}\u2069` })}</p>`;
}

function ToNewest({ count, jump }) {
  return html`
    <button class="to-newest" aria-label=${t("log.newest")} title=${t("log.newest")} onClick=${jump}>
      <${Icon} name="down" />
      ${count > 0 && html`<span class="badge" data-new=${count}>${t("count", { count })}</span>`}
    </button>`;
}

// withPending puts what is on its way behind all the rest.
function withPending(messages, entries, session) {
  if (entries.length === 0) return messages;
  return [...messages, ...entries.map((entry) => pending(entry, session))];
}

// pending is an entry of the outbox as a message. part is what part of its file is out, lost
// whether there is no file any more to try it with again.
function pending({ clientId, content, at, state, code, attachment, upload }, { chats: { me }, uploads }) {
  const why = state === "failed" ? inWords(code) : undefined;
  const part = attachment && !upload && state === "pending" ? (uploads.progress(clientId) ?? 0) : undefined;
  const lost = code === "no-file" && !uploads.has(clientId);
  return { clientId, content, at, state, why, lost, attachment, part, preview: uploads.preview(clientId), from: me.id, sender: me.name };
}

function uploadSaid({ said }) {
  return said ? t(said.percent === 100 ? "upload.there" : "upload.said", said) : "";
}

function readersOf(timeline, chat, message) {
  if (message.state || message.news) return 0;
  if (chat.kind === "personal" && (chat.partnerReadSeq ?? 0) >= message.seq) return 1;
  return timeline.readers(message).length;
}

function statusOf(message, readers) {
  return message?.state ?? (readers > 0 ? "read" : "sent");
}
