// A dialog: the browser's own, which keeps the focus inside, closes on Escape and gives the
// focus back.
import { t } from "../../i18n.js";
import { html, useLayoutEffect, useRef } from "../../vendor/preact.standalone.module.js";
import { Icon } from "./icons.js";

let nextId = 1;

// tools stand beside the button that closes it, and look is a class of its own.
export function Dialog({ title, close, children, plain, look, tools }) {
  const dialog = useRef();
  const id = useRef(`dialog-${nextId++}`).current;
  useLayoutEffect(() => {
    const before = document.activeElement;
    dialog.current.showModal();
    return () => before?.isConnected && before.focus();
  }, []);
  const onClick = (event) => event.target === dialog.current && dialog.current.close();
  return html`
    <dialog ref=${dialog} class=${look} aria-labelledby=${id} onClose=${close} onMouseDown=${onClick}>
      <div class="sheet">
        <header>
          <h2 id=${id}>${title}</h2>
          ${tools}
          ${!plain && html`<button type="button" class="bare" aria-label=${t("close")} title=${t("close")} onClick=${() => dialog.current.close()}><${Icon} name="close" /></button>`}
        </header>
        ${children}
      </div>
    </dialog>`;
}

// Confirm asks before something that can't be taken back.
export function Confirm({ question, label, act, close }) {
  return html`
    <${Dialog} title=${question} close=${close} plain>
      <footer>
        <button type="button" class="quiet" onClick=${close}>${t("cancel")}</button>
        <button type="button" class="danger" onClick=${() => { close(); act(); }}>${label}</button>
      </footer>
    <//>`;
}
