// The chat page. It begins here: the texts, the session, and the views on it.
import { loadTexts, t } from "../i18n.js";
import { html, render } from "../vendor/preact.standalone.module.js";
import { Alerts } from "./live/alerts.js";
import { Session } from "./live/session.js";
import { callDeleted } from "./model/people.js";
import { App } from "./view/app.js";

await loadTexts("chat");
callDeleted(t("person.deleted"));
const session = new Session();
const alerts = new Alerts(session);
session.heard = (chat, message) => alerts.heard(chat, message);
session.changes.subscribe(() => {
  document.body.dataset.connection = session.online ? "online" : "offline";
  alerts.count();
  alerts.renew();
});
render(html`<${App} session=${session} alerts=${alerts} />`, document.getElementById("app"));
session.start();
