// The file of a message: a picture that opens large, a video, something to listen to, or a card
// to download from. A picture's place is kept before it is there, so nothing moves when it comes.
import { t } from "../../i18n.js";
import { html, useState } from "../../vendor/preact.standalone.module.js";
import { fit, isSound } from "../model/media.js";
import { Icon } from "./icons.js";
import { lengthOf, sizeOf } from "./units.js";

// Media shows an attachment. preview is the object URL of one's own file, as long as the server's
// is not there; enlarge is called with a picture to show large.
export function Media({ attachment, preview, enlarge }) {
  if (attachment.type === "image") return html`<${Picture} attachment=${attachment} preview=${preview} enlarge=${enlarge} />`;
  if (attachment.type === "video") return html`<${Video} attachment=${attachment} preview=${preview} />`;
  if (isSound(attachment)) return html`<${Sound} attachment=${attachment} />`;
  return html`<${Card} attachment=${attachment} />`;
}

const nameOf = ({ name, type }) => name || t(`media.${type}`);

function Picture({ attachment, preview, enlarge }) {
  const [broken, setBroken] = useState("");
  const source = preview ?? (attachment.thumb || attachment.url);
  const size = fit(attachment);
  const name = nameOf(attachment);
  if (!source || broken === source) return html`<${Missing} attachment=${attachment} size=${size} />`;
  const image = html`<img src=${source} alt=${name} width=${size.width} height=${size.height} decoding="async" draggable=${false} onError=${() => setBroken(source)} />`;
  if (!attachment.url) return html`<span class="media photo">${image}</span>`;
  return html`<button type="button" class="media photo" aria-haspopup="dialog" title=${t("media.enlarge")} onClick=${() => enlarge(attachment)}>${image}</button>`;
}

// Missing is in the place of a picture that does not come.
function Missing({ attachment, size }) {
  return html`
    <span class="media missing" style=${{ inlineSize: `${size.width}px`, aspectRatio: `${size.width} / ${size.height}` }}>
      <${Icon} name="photo" /><bdi>${nameOf(attachment)}</bdi>
    </span>`;
}

function Video({ attachment, preview }) {
  const [broken, setBroken] = useState(false);
  const size = fit(attachment);
  const { url, duration } = attachment;
  const poster = preview ?? (attachment.thumb || undefined);
  if (broken) return html`<${Card} attachment=${attachment} />`;
  if (!url) {
    if (!preview) return html`<${Card} attachment=${attachment} />`;
    return html`<span class="media photo film"><img src=${preview} alt=${nameOf(attachment)} width=${size.width} height=${size.height} /><${Icon} name="play" /></span>`;
  }
  return html`
    <span class="media">
      <video src=${url} poster=${poster} width=${size.width} height=${size.height} controls playsinline preload=${poster ? "none" : "metadata"}
        aria-label=${nameOf(attachment)} onError=${() => setBroken(true)} />
      <${Foot} attachment=${attachment} length=${duration} />
    </span>`;
}

function Sound({ attachment }) {
  const { url, type, duration } = attachment;
  const label = type === "voice" ? t("media.voice") : nameOf(attachment);
  if (!url) return html`<${Card} attachment=${attachment} />`;
  return html`
    <span class="media">
      <audio src=${url} controls preload="none" aria-label=${label} />
      <${Foot} attachment=${{ ...attachment, name: type === "voice" ? "" : attachment.name }} length=${duration} />
    </span>`;
}

// Foot is what stands below a player: what it is, how long, and the way to have it.
function Foot({ attachment, length }) {
  const about = [length > 0 && lengthOf(length), attachment.size > 0 && sizeOf(attachment.size)].filter(Boolean).join(" · ");
  return html`
    <span class="foot">
      <bdi class="name">${nameOf(attachment)}</bdi>
      <span class="faint">${about}</span>
      <a class="bare" href=${attachment.url} download=${attachment.name || true} aria-label=${t("media.download", { name: nameOf(attachment) })} title=${t("media.download", { name: nameOf(attachment) })}><${Icon} name="download" /></a>
    </span>`;
}

function Card({ attachment }) {
  const { url, size, type } = attachment;
  const inside = html`
    <span class="sign"><${Icon} name=${type === "video" ? "play" : "file"} /></span>
    <span class="name"><bdi>${nameOf(attachment)}</bdi><span class="faint">${size > 0 && sizeOf(size)}</span></span>`;
  if (!url) return html`<span class="media card-file">${inside}</span>`;
  return html`
    <a class="media card-file" href=${url} download=${attachment.name || true} title=${t("media.download", { name: nameOf(attachment) })}>
      ${inside}<${Icon} name="download" />
    </a>`;
}

// onlyOne stops what else is playing in the same place. It is for the event play, as it goes down.
export function onlyOne({ target, currentTarget }) {
  for (const other of currentTarget.querySelectorAll("audio, video")) if (other !== target) other.pause();
}
