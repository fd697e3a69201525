// A picture as large as the window allows.
import { t } from "../../i18n.js";
import { html, useState } from "../../vendor/preact.standalone.module.js";
import { Dialog } from "./dialog.js";
import { Icon } from "./icons.js";

export function Lightbox({ attachment, close }) {
  const [broken, setBroken] = useState(false);
  const { url, width, height } = attachment;
  const name = attachment.name || t("media.image");
  const label = t("media.download", { name });
  const download = html`<a class="bare" href=${url} download=${attachment.name || true} aria-label=${label} title=${label}><${Icon} name="download" /></a>`;
  return html`
    <${Dialog} title=${html`<bdi>${name}</bdi>`} close=${close} look="lightbox" tools=${download}>
      ${broken ? html`<p class="faint">${t("media.broken")}</p>` : html`<img src=${url} alt=${name} style=${place(width, height)} onError=${() => setBroken(true)} />`}
    <//>`;
}

// place keeps room for a picture whose size is known, as wide as it is and as the window allows.
function place(width, height) {
  if (!width || !height) return undefined;
  return { inlineSize: `min(100%, ${width}px, calc((100dvh - 6rem) * ${width / height}))`, aspectRatio: `${width} / ${height}` };
}
