// Where one writes. Enter sends, Shift+Enter begins a line, and Enter that ends the choice of
// a character (as when writing Japanese) does neither. What is not sent is kept as a draft.
import { t } from "../../i18n.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "../../vendor/preact.standalone.module.js";
import { Picker, pastedFiles, take } from "./files.js";
import { Icon } from "./icons.js";
import { TrayStrip } from "./traystrip.js";

// The server's bound on a message, in bytes of UTF-8.
const MOST = 16 << 10;
const bytes = new TextEncoder();

export function Composer({ session, chat }) {
  const { drafts, chats, changes } = session;
  const [text, setText] = useState(() => drafts.get(chats.me.id, chat.id));
  const field = useRef();
  const tooLong = text.length > MOST / 4 && bytes.encode(text).length > MOST;
  const files = session.tray.of(chat.id);
  const nothing = text.trim() === "" && files.length === 0;
  useEffect(() => {
    if (matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, []);
  useLayoutEffect(() => grow(field.current), [text]);

  const write = (value) => {
    setText(value);
    drafts.set(chats.me.id, chat.id, value);
    if (value.trim() === "") session.typing.stop();
    else if (chat.kind !== "self") session.typing.key(chat);
    changes.tell();
  };
  const focus = () => field.current?.focus();
  const send = (event) => {
    event?.preventDefault();
    const content = text.trim();
    focus();
    if (nothing || tooLong) return;
    write("");
    if (files.length > 0) session.sendFiles(chat, content);
    else session.say(chat, content);
  };
  const onPaste = (event) => {
    const pasted = pastedFiles(event);
    if (pasted.length === 0) return;
    event.preventDefault();
    take(session, chat, pasted);
  };
  const onKeyDown = (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape") document.querySelector("a[data-chat][aria-current]")?.focus();
    if (event.key !== "Enter" || event.shiftKey) return;
    send(event);
  };
  if (chat.blocked) return html`<p class="composer blocked">${t(chat.blockedBy === chats.me.id ? "blocked.byMe" : "blocked.long")}</p>`;
  return html`
    <form class="composer" onSubmit=${send}>
      <${TrayStrip} session=${session} chat=${chat} left=${focus} />
      <${Picker} session=${session} chat=${chat} picked=${focus} />
      <textarea ref=${field} rows="1" dir=${text ? "auto" : undefined} enterkeyhint="send" aria-label=${t("composer.label")} placeholder=${t(files.length > 0 ? "composer.caption" : "composer.label")}
        aria-invalid=${tooLong ? "true" : undefined} aria-describedby=${tooLong ? "too-long" : undefined}
        value=${text} onInput=${(event) => write(event.target.value)} onKeyDown=${onKeyDown} onPaste=${onPaste} />
      <button class="send" aria-label=${t("composer.send")} title=${t("composer.send")} disabled=${nothing || tooLong}><${Icon} name="send" /></button>
      ${tooLong && html`<p class="error" id="too-long" role="alert">${t("composer.tooLong")}</p>`}
    </form>`;
}

// grow makes the field as high as its text, up to what the stylesheet allows.
function grow(field) {
  if (!field) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
}
