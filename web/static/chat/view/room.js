// The open chat: who it is with, what was said, and where to write.
import { t } from "../../i18n.js";
import { html, useEffect, useRef } from "../../vendor/preact.standalone.module.js";
import { Avatar } from "./avatar.js";
import { nameOf, typing } from "./chatrow.js";
import { Composer } from "./composer.js";
import { take, useDrop } from "./files.js";
import { Icon } from "./icons.js";
import { Log } from "./log.js";

export function Room({ session, chat, show }) {
  const title = useRef();
  useEffect(() => {
    session.history.open(chat.id).catch((error) => session.toasts.fail(error));
    if (!matchMedia("(pointer: fine)").matches) title.current.focus();
    return () => session.typing.stop();
  }, []);
  const over = useDrop(() => title.current.closest("main"), (files, folders) => chat.blocked || take(session, chat, files, folders));
  return html`
    <header class="bar">
      <a class="bare back" href="#" aria-label=${t("room.back")} title=${t("room.back")} onClick=${leave}><${Icon} name="back" /></a>
      <${Avatar} id=${chat.partner ?? chat.id} name=${chat.name} kind=${chat.kind} picture=${session.chats.picture(chat.partner ?? chat.id)} online=${chat.kind === "personal" && session.chats.isOnline(chat.partner)} />
      <div class="title">
        <h2 ref=${title} tabindex="-1"><bdi>${nameOf(chat)}</bdi></h2>
        <p class="about" dir="auto">${about(session.chats, chat)}</p>
      </div>
      ${chat.kind === "group" && html`<button class="bare" aria-label=${t("details.button")} title=${t("details.button")} onClick=${() => show("details")}><${Icon} name="info" /></button>`}
    </header>
    <${Log} session=${session} chat=${chat} />
    <${Composer} session=${session} chat=${chat} />
    ${over && !chat.blocked && html`<p class="drop-zone"><${Icon} name="clip" />${t("drop.here")}</p>`}`;
}

// leave goes back to the list, without a new entry in the browser's history.
function leave(event) {
  event.preventDefault();
  history.replaceState(null, "", location.pathname);
  dispatchEvent(new HashChangeEvent("hashchange"));
}

// about is what there is to say of a chat in one line.
function about(chats, chat) {
  const typists = chats.typists(chat.id, Date.now());
  if (typists.length > 0) return html`<em>${typing(chat, typists)}</em>`;
  if (chat.kind === "self") return t("self.about");
  if (chat.blocked) return t("blocked.short");
  if (chat.kind === "personal") return chats.isOnline(chat.partner) ? t("presence.online") : t("presence.offline");
  // How many of them are online is not known: the server tells of the partners in personal chats.
  const members = chat.details?.members;
  return members ? t("group.members", { count: members.length }) : t("group.label");
}
