// How files come into the tray of a chat: picked, pasted or dropped. Each can be done by the
// keyboard with the first.
import { t } from "../../i18n.js";
import { html, useEffect, useRef, useState } from "../../vendor/preact.standalone.module.js";
import { inWords } from "../live/toasts.js";
import { Icon } from "./icons.js";

// take puts files into the tray and says which of them can't be sent.
export function take(session, chat, files, folders = []) {
  const refused = [...folders.map((name) => ({ name, why: "folder" })), ...session.tray.add(chat.id, files)];
  for (const why of new Set(refused.map((one) => one.why))) {
    const names = refused.filter((one) => one.why === why).map(({ name }) => `\u2068${name}\u2069`);
    session.toasts.say(t("refusal.named", { names: names.slice(0, 3).join(t("refusal.and")), why: inWords(why) }));
  }
}

// Picker is the button that opens the browser's own choice of files.
export function Picker({ session, chat, picked }) {
  const input = useRef();
  const onChange = () => {
    take(session, chat, [...input.current.files]);
    input.current.value = ""; // the same one can be picked again
    picked();
  };
  return html`
    <button type="button" class="bare attach" aria-label=${t("composer.attach")} title=${t("composer.attach")} onClick=${() => input.current.click()}><${Icon} name="clip" /></button>
    <input ref=${input} type="file" multiple hidden aria-hidden="true" tabindex="-1" onChange=${onChange} />`;
}

// pastedFiles are those in a paste that is nothing else: what is copied from a table or a page
// is text with a picture of itself.
export function pastedFiles({ clipboardData }) {
  if (!clipboardData || clipboardData.types.includes("text/plain")) return [];
  return [...clipboardData.files];
}

// useDrop has the files that are dropped on an element, and returns whether some are above it now.
export function useDrop(element, drop) {
  const [over, setOver] = useState(false);
  const current = useRef();
  current.current = drop;
  useEffect(() => {
    const place = element();
    let depth = 0; // each child is entered and left, too
    const on = {
      dragenter: () => setOver(++depth > 0),
      dragleave: () => setOver(--depth > 0),
      dragover: (event) => (event.dataTransfer.dropEffect = "copy"),
      drop: (event) => {
        depth = 0;
        setOver(false);
        current.current(...sorted(event.dataTransfer));
      },
    };
    const listener = (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      on[event.type](event);
    };
    for (const type of Object.keys(on)) place.addEventListener(type, listener);
    return () => Object.keys(on).forEach((type) => place.removeEventListener(type, listener));
  }, []);
  return over;
}

// sorted is what was dropped: files, and the names of folders.
function sorted({ items, files }) {
  const entries = [...(items ?? [])].filter(({ kind }) => kind === "file").map((item) => item.webkitGetAsEntry?.());
  const all = [...files];
  const isFolder = (_, i) => entries[i]?.isDirectory === true;
  return [all.filter((file, i) => !isFolder(file, i)), all.filter(isFolder).map(({ name }) => name)];
}
