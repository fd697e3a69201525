// Who has read a message of mine.
import { t } from "../../i18n.js";
import { html } from "../../vendor/preact.standalone.module.js";
import { Avatar } from "./avatar.js";
import { Dialog } from "./dialog.js";

export function Readers({ session, chat, message, close }) {
  const names = new Map(chat.details?.members.map(({ id, name }) => [id, name]));
  const readers = session.history.of(chat.id).readers(message);
  return html`
    <${Dialog} title=${t("readers.title")} close=${close}>
      <ul class="people">
        ${readers.map((id) => html`<li key=${id}><${Avatar} id=${id} name=${names.get(id)} picture=${session.chats.picture(id)} small /><span class="who"><bdi>${names.get(id) ?? t("readers.someone")}</bdi></span></li>`)}
      </ul>
    <//>`;
}
