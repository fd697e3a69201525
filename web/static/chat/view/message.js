// One message, and what else stands among them. What people wrote is text, and stays it.
import { t } from "../../i18n.js";
import { html } from "../../vendor/preact.standalone.module.js";
import { keyOf } from "../model/news.js";
import { emojiOnly, pieces } from "../model/pieces.js";
import { Avatar, tint } from "./avatar.js";
import { Icon } from "./icons.js";
import { Media } from "./media.js";
import { Progress } from "./progress.js";
import { dayName, fullTime, timeOf } from "./times.js";

export function Row({ row, ...rest }) {
  if (row.type === "day") return html`<li class="day"><span>${dayName(row.at)}</span></li>`;
  if (row.type === "unread") return html`<li class="unread-line"><span>${t("log.unread")}</span></li>`;
  if (row.type === "news") return html`<li class="news" data-news=${row.message.news.key} data-seq=${row.message.seq} dir="auto">${newsText(row.message.news)}</li>`;
  return html`<${Message} row=${row} ...${rest} />`;
}

function Message({ row, kind, mine, status, readers, picture, act }) {
  const { message, first, last } = row;
  const named = kind === "group" && !mine;
  const classes = ["message", mine && "mine", first && "first", last && "last", message.attachment ? "with-file" : emojiOnly(message.content) && "picture"].filter(Boolean).join(" ");
  return html`
    <li class=${classes} data-message=${message.id ?? message.clientId} data-seq=${message.seq} data-status=${mine ? status : undefined}>
      ${named && html`<span class="face">${last && html`<${Avatar} id=${message.from} name=${message.sender} picture=${picture} small />`}</span>`}
      <div class="bubble">
        ${named && first && html`<span class="sender ink-${tint(message.from)}"><bdi>${message.sender}</bdi></span>`}
        ${message.attachment && html`<${Media} attachment=${message.attachment} preview=${message.preview} enlarge=${act.enlarge} />`}
        ${message.part !== undefined && html`<${Progress} name=${message.attachment.name} part=${message.part} cancel=${() => act.discard(message.clientId)} />`}
        <span class="content" dir="auto">${shown(message.content)}</span>
        <span class="meta">
          <time datetime=${new Date(message.at).toISOString()} title=${fullTime(message.at)}>${timeOf(message.at)}</time>
          ${mine && html`<${Ticks} kind=${kind} status=${status} readers=${readers} show=${() => act.readers(message)} />`}
        </span>
        ${status === "failed" && html`<${Failed} message=${message} act=${act} />`}
      </div>
    </li>`;
}

function shown(content) {
  return pieces(content).map(({ text, href }) =>
    href ? html`<a href=${href} target="_blank" rel="noopener noreferrer" dir="ltr">${text}</a>` : text,
  );
}

// Ticks say how far a message of mine got. In a group they tell on demand who has read it.
function Ticks({ kind, status, readers, show }) {
  const icon = { pending: "clock", sent: "tick", read: "ticks", failed: "warning" }[status];
  const said = kind === "group" && status === "read" ? t("readers.count", { count: readers }) : t(`status.${status}`);
  if (kind !== "group" || status !== "read") {
    return html`<span class="ticks ${status}" title=${said}><${Icon} name=${icon} /><span class="unseen">${said}</span></span>`;
  }
  return html`
    <button class="ticks read" title=${said} onClick=${show}>
      <${Icon} name=${icon} /><span aria-hidden="true">${t("count", { count: readers })}</span><span class="unseen">${said}</span>
    </button>`;
}

function Failed({ message, act }) {
  return html`
    <span class="failure">
      <span class="error">${message.why}</span>
      ${!message.lost && html`<button class="quiet" onClick=${() => act.retry(message.clientId)}>${t("failed.retry")}</button>`}
      <button class="quiet" onClick=${() => act.discard(message.clientId)}>${t("failed.discard")}</button>
    </span>`;
}

// newsText is a change of a group in words: what I did, what was done to me, and the rest.
export function newsText(news) {
  const isolate = (text) => `\u2068${text}\u2069`;
  return t(keyOf(news), { name: isolate(news.name), by: isolate(news.byName) });
}
