// What one can do about one's account, in the settings: each in a dialog of its own.
import { t } from "../../i18n.js";
import { html, useState } from "../../vendor/preact.standalone.module.js";
import { changePassword, deleteAccount } from "../live/account.js";
import { checkChange, checkDeletion } from "../model/verdicts.js";
import { Dialog } from "./dialog.js";
import { Field, Password, useForm } from "./form.js";
import { Icon } from "./icons.js";
import { Sessions } from "./sessions.js";

const DIALOGS = { password: ChangePassword, sessions: Sessions, delete: DeleteAccount };

export function Account({ session }) {
  const [open, setOpen] = useState();
  const [said, setSaid] = useState("");
  const show = (name) => {
    setSaid("");
    setOpen(name);
  };
  const opener = (name, look) => html`<li><button type="button" class=${look} onClick=${() => show(name)}><span>${t(`account.${name}`)}</span><${Icon} name="next" /></button></li>`;
  return html`
    <section class="account" aria-labelledby="account-title">
      <h3 id="account-title">${t("account.title")}</h3>
      <p class="done" role="status">${said}</p>
      <ul>
        ${opener("password")}
        ${opener("sessions")}
        <li><a href="/account/export" download><span>${t("account.export")}</span><${Icon} name="download" /></a></li>
        ${opener("delete", "danger-row")}
      </ul>
      ${open && html`<${DIALOGS[open]} session=${session} say=${setSaid} close=${() => setOpen(undefined)} />`}
    </section>`;
}

function ChangePassword({ say, close }) {
  const done = () => {
    close();
    say(t("password.changed"));
  };
  const { props, wrong, busy } = useForm(checkChange, changePassword, done);
  return html`
    <${Dialog} title=${t("account.password")} close=${close}>
      <form ...${props}>
        <p>${t("password.about")}</p>
        <${Password} name="current" label=${t("password.current")} autocomplete="current-password" wrong=${wrong.current} />
        <${Password} name="password" label=${t("password.new")} hint=${t("password.hint")} autocomplete="new-password" wrong=${wrong.password} />
        <p class="faint">${t("password.forgot")} <a href="/auth#forgot">${t("password.reset")}</a></p>
        <${Foot} wrong=${wrong} close=${close}><button class="main" aria-disabled=${busy}>${t("account.password")}</button><//>
      </form>
    <//>`;
}

function DeleteAccount({ session, close }) {
  const word = t("deletion.word");
  const check = (fields) => checkDeletion(fields, word);
  const { props, wrong, busy } = useForm(check, ({ password }) => deleteAccount(session, password), () => {});
  return html`
    <${Dialog} title=${t("account.delete")} close=${close}>
      <form ...${props}>
        <p>${t("deletion.about")}</p>
        <p>${t("deletion.kept")}</p>
        <${Password} name="password" label=${t("deletion.password")} autocomplete="current-password" wrong=${wrong.password} />
        <${Field} name="word" label=${t("deletion.confirm", { word })} autocomplete="off" autocapitalize="none" wrong=${wrong.word} />
        <${Foot} wrong=${wrong} close=${close}><button class="danger" aria-disabled=${busy}>${t("deletion.act")}</button><//>
      </form>
    <//>`;
}

function Foot({ wrong, close, children }) {
  return html`
    <p class="error" role="alert">${wrong.whole}</p>
    <footer>
      <button type="button" class="quiet" onClick=${close}>${t("cancel")}</button>
      ${children}
    </footer>`;
}
