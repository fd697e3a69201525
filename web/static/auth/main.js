// The sign-in page: three forms, of which the address's fragment names the one shown.
import { LANGUAGES, language, loadTexts, setLanguage, t } from "../i18n.js";
import { begin, watch } from "./countdown.js";
import { calm, handle, reveal } from "./form.js";
import { signedIn } from "./session.js";

const byId = (id) => document.getElementById(id);
const forms = ["sign-in", "sign-up", "mail"].map(byId);

// Why the mail is waited for: it was just sent, or sign-in found the address unconfirmed.
const ADDRESS = "expresschat.mail-address";
let unconfirmed = false;
let stopWatching = () => {};

function show() {
  const wanted = byId(location.hash.slice(1));
  const form = forms.includes(wanted) ? wanted : forms[0];
  for (const other of forms) {
    other.hidden = other !== form;
    calm(other);
  }
  document.title = `${form.querySelector("h2").textContent} · ExpressChat`;
  stopWatching();
  if (form.id === "mail") showMail();
  const empty = [...form.elements].find((field) => field.name && field.value === "");
  (empty ?? form.querySelector("button:not([type])")).focus();
}

function showMail() {
  const field = byId("mail").elements.email;
  field.value ||= sessionStorage.getItem(ADDRESS) ?? "";
  byId("mail-about").textContent = unconfirmed ? t("mail-unconfirmed") : t("mail-sent");
  byId("mail-done").textContent = "";
  countDown();
}

function countDown() {
  stopWatching();
  const button = byId("resend");
  stopWatching = watch((seconds) => {
    button.ariaDisabled = seconds > 0 ? "true" : null;
    button.textContent = seconds > 0 ? t("send-again-in", { count: seconds }) : t("send-again");
  });
}

// toMail goes on to the form that waits for the mail, for one address.
function toMail(email) {
  byId("mail").elements.email.value = email;
  sessionStorage.setItem(ADDRESS, email);
  location.hash = "mail";
}

const toChat = () => location.replace("/");

async function leadOn() {
  if (document.visibilityState === "visible" && (await signedIn())) toChat();
}

function fill() {
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = t(element.dataset.text);
  const select = byId("language");
  for (const [tag, name] of Object.entries(LANGUAGES)) {
    const option = new Option(name, tag, false, tag === language);
    option.lang = tag;
    select.add(option);
  }
  select.addEventListener("change", () => setLanguage(select.value));
  for (const button of document.querySelectorAll("[data-reveal]")) reveal(button);
}

handle(byId("sign-in"), (next, { email }) => {
  if (next === "chat") return toChat();
  unconfirmed = true;
  toMail(email);
});

handle(byId("sign-up"), (_, { email }) => {
  byId("sign-in").elements.email.value = email;
  unconfirmed = false;
  begin();
  toMail(email);
});

handle(byId("mail"), (_, { email }) => {
  sessionStorage.setItem(ADDRESS, email);
  begin();
  byId("mail-done").textContent = t("sent-again");
  countDown();
});

await loadTexts("auth");
fill();
show();
addEventListener("hashchange", show);
// A link in a mail opens in another tab, and signs this one in as well.
document.addEventListener("visibilitychange", () => {
  if (!byId("mail").hidden) leadOn();
});
leadOn();
