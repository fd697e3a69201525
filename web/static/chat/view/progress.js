// How far the file of a message has got, and the way to give it up.
import { t } from "../../i18n.js";
import { html } from "../../vendor/preact.standalone.module.js";
import { Icon } from "./icons.js";

export function Progress({ name, part, cancel }) {
  const percent = Math.round(part * 100);
  return html`
    <span class="progress">
      <span class="track" role="progressbar" aria-label=${t("upload.label", { name })} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${percent}>
        <span style=${{ inlineSize: `${percent}%` }}></span>
      </span>
      <span class="faint" aria-hidden="true">${t("upload.percent", { percent })}</span>
      <button type="button" class="bare" aria-label=${t("upload.cancel", { name })} title=${t("upload.cancel", { name })} onClick=${cancel}><${Icon} name="close" /></button>
    </span>`;
}
