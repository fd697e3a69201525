// A round picture, or one of initials, whose colour is the same wherever an id is shown.
import { html, useState } from "../../vendor/preact.standalone.module.js";
import { Icon } from "./icons.js";

const TINTS = 8;

// picture is a path, empty for none.
export function Avatar({ id, name, kind, picture, online, small, large }) {
  const [broken, setBroken] = useState("");
  const classes = `avatar tint-${tint(id)} ${small ? "small" : ""} ${large ? "large" : ""} ${online ? "online" : ""}`;
  const shown = picture && picture !== broken ? html`<img src=${picture} alt="" loading="lazy" onError=${() => setBroken(picture)} />` : initials(name);
  return html`<span class=${classes} aria-hidden="true">${kind === "self" ? html`<${Icon} name="note" />` : shown}</span>`;
}

export function tint(id) {
  let sum = 0;
  for (const c of id ?? "") sum = (sum * 31 + c.codePointAt(0)) % 9973;
  return sum % TINTS;
}

// initials are of the first and the last word, as people write them.
function initials(name) {
  const words = (name ?? "").split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words;
  return letters.map((word) => [...new Intl.Segmenter().segment(word)][0].segment.toUpperCase()).join("") || "?";
}
