// The files that are picked and not sent yet, above the field for the text that goes with them.
import { t } from "../../i18n.js";
import { html, useRef } from "../../vendor/preact.standalone.module.js";
import { Icon } from "./icons.js";
import { sizeOf } from "./units.js";

export function TrayStrip({ session, chat, left }) {
  const list = useRef();
  const items = session.tray.of(chat.id);
  if (items.length === 0) return null;
  // The button that was pressed goes, and the focus would with it.
  const remove = (item, i) => {
    const buttons = [...list.current.querySelectorAll("button")];
    (buttons[i + 1] ?? buttons[i - 1])?.focus();
    if (buttons.length === 1) left();
    session.tray.remove(chat.id, item.id);
  };
  return html`
    <ul ref=${list} class="tray" aria-label=${t("tray.label")}>
      ${items.map((item, i) => html`
        <li key=${item.id}>
          ${item.known?.preview ? html`<img src=${item.known.preview} alt="" />` : html`<span class="sign"><${Icon} name="file" /></span>`}
          <span class="name"><bdi>${item.name}</bdi><span class="faint">${sizeOf(item.size)}</span></span>
          <button type="button" class="bare" aria-label=${t("tray.remove", { name: item.name })} title=${t("tray.remove", { name: item.name })} onClick=${() => remove(item, i)}><${Icon} name="close" /></button>
        </li>`)}
    </ul>`;
}
