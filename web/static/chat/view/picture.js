// One's own picture, or a group's: to choose another, or none.
import { t } from "../../i18n.js";
import { html, useRef, useState } from "../../vendor/preact.standalone.module.js";
import { removePicture, setPicture } from "../live/pictures.js";
import { Avatar } from "./avatar.js";

// PictureField is about the picture of an id, which the server has at a path.
export function PictureField({ session, id, name, path, label }) {
  const input = useRef();
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState({});
  const picture = session.chats.picture(id);
  const act = async (change, done) => {
    if (busy) return;
    setBusy(true);
    setSaid({});
    const { problem } = await change();
    setBusy(false);
    setSaid(problem ? { wrong: problem } : { done });
  };
  const onChange = () => {
    const [file] = input.current.files;
    input.current.value = "";
    if (file) act(() => setPicture(session, id, path, file), t("picture.changed"));
  };
  return html`
    <div class="picture-field" role="group" aria-label=${label}>
      <${Avatar} id=${id} name=${name} picture=${picture} large />
      <div>
        <button type="button" class="quiet" aria-disabled=${busy} onClick=${() => input.current.click()}>${t(picture ? "picture.change" : "picture.choose")}</button>
        ${picture && html`<button type="button" class="quiet danger" aria-disabled=${busy} onClick=${() => act(() => removePicture(session, id, path), t("picture.removed"))}>${t("picture.remove")}</button>`}
        <p class=${said.wrong ? "error" : "done"} role="status">${said.wrong ?? said.done}</p>
      </div>
      <input ref=${input} type="file" accept="image/*" hidden aria-hidden="true" tabindex="-1" onChange=${onChange} />
    </div>`;
}
