// What one can choose for oneself.
import { LANGUAGES, language, setLanguage, t } from "../../i18n.js";
import { html, useState } from "../../vendor/preact.standalone.module.js";
import { inWords } from "../live/toasts.js";
import { Account } from "./account.js";
import { Confirm, Dialog } from "./dialog.js";
import { PictureField } from "./picture.js";

export function Settings({ session, alerts, close }) {
  const [leaving, setLeaving] = useState(false);
  const signOut = async () => {
    if (!(await session.signOut())) session.toasts.say(t("error.offline"));
  };
  const unsent = session.outbox.size;
  return html`
    <${Dialog} title=${t("settings.title")} close=${close}>
      <${PictureField} session=${session} id=${session.chats.me.id} name=${session.chats.me.name} path="/account/picture" label=${t("picture.mine")} />
      <${Name} session=${session} />
      <label>${t("settings.language")}
        <select onChange=${(event) => setLanguage(event.target.value)}>
          ${Object.entries(LANGUAGES).map(([tag, name]) => html`<option value=${tag} lang=${tag} selected=${tag === language}>${name}</option>`)}
        </select>
      </label>
      <${Switch} label=${t("settings.sound")} get=${() => alerts.sound} set=${(on) => { alerts.sound = on; }} />
      ${alerts.canNotify && html`<${Notifications} alerts=${alerts} />`}
      <${Account} session=${session} />
      <footer class="apart">
        <button type="button" class="danger" onClick=${() => (unsent ? setLeaving(true) : signOut())}>${t("settings.signOut")}</button>
      </footer>
      ${leaving && html`<${Confirm} question=${t("settings.unsent", { count: unsent })} label=${t("settings.signOut")} act=${signOut} close=${() => setLeaving(false)} />`}
    <//>`;
}

function Name({ session }) {
  const { me } = session.chats;
  const [error, setError] = useState("");
  const [saved, setSaved] = useState(false);
  const save = async (event) => {
    event.preventDefault();
    const name = new FormData(event.target).get("name").trim();
    setSaved(false);
    if (!name) return setError(t("error.bad-name"));
    try {
      await session.rename(name);
      setError("");
      setSaved(true);
    } catch (failure) {
      setError(inWords(failure.code, failure.message));
    }
  };
  return html`
    <form class="name-form" onSubmit=${save} novalidate>
      <label>${t("settings.name")}<input name="name" required maxlength="64" autocomplete="name" dir="auto" defaultValue=${me.name} aria-describedby="name-said" /></label>
      <button class="main">${t("settings.save")}</button>
      <p id="name-said" class=${error ? "error" : "done"} role="status">${error || (saved ? t("settings.saved") : "")}</p>
    </form>`;
}

function Switch({ label, get, set }) {
  const [on, setOn] = useState(get);
  const change = async (event) => {
    await set(event.target.checked);
    setOn(get());
    event.target.checked = get();
  };
  return html`<label class="switch"><span>${label}</span><input type="checkbox" role="switch" checked=${on} onChange=${change} /></label>`;
}

function Notifications({ alerts }) {
  const [denied, setDenied] = useState(Notification.permission === "denied");
  const set = async (on) => {
    await alerts.askToNotify(on);
    setDenied(Notification.permission === "denied");
  };
  return html`
    <div>
      <${Switch} label=${t("settings.notify")} get=${() => alerts.notify} set=${set} />
      ${alerts.notify && !alerts.afar && html`<p class="faint">${t("settings.notify.here")}</p>`}
      ${denied && html`<p class="faint">${t("settings.notify.denied")}</p>`}
    </div>`;
}
