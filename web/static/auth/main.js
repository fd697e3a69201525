// The sign-in page: a few forms, of which the address's fragment names the one shown.
import { LANGUAGES, language, loadTexts, setLanguage, t } from "../i18n.js";
import { begin, watch } from "./countdown.js";
import { calm, handle, reveal, say } from "./form.js";
import { dropLink, link, takeLink } from "./reset.js";
import { signedIn } from "./session.js";

const byId = (id) => document.getElementById(id);
const forms = ["sign-in", "sign-up", "mail", "forgot", "reset"].map(byId);

// The forms that have mails sent, each with the text of its button.
const MAILERS = { mail: "send-again", forgot: "send-link" };
// Somebody who is signed in may still want a password that they remember.
const ANYBODY = ["forgot", "reset"];

const ADDRESS = "expresschat.mail-address";
const NOTE = "expresschat.note";
// Why the mail is waited for: it was just sent, or sign-in found the address unconfirmed.
let unconfirmed = false;
let shown = forms[0];
let stopWatching = () => {};

function show() {
  const form = chosen();
  for (const other of forms) {
    other.hidden = other !== form;
    calm(other);
  }
  document.title = `${form.querySelector("h2").textContent} · ExpressChat`;
  stopWatching();
  if (form.id === "reset") for (const [name, value] of Object.entries(link())) form.elements[name].value = value;
  else form.elements.email.value ||= address(form);
  shown = form;
  if (form.id === "mail") byId("mail-about").textContent = unconfirmed ? t("mail-unconfirmed") : t("mail-sent");
  if (form.id in MAILERS) countDown(form);
  const empty = [...form.elements].find((field) => field.name && field.value === "");
  (empty ?? form.querySelector("button:not([type])")).focus();
}

// chosen is the form that the address names. One for a new password needs a link to it.
function chosen() {
  const wanted = byId(location.hash.slice(1));
  if (wanted?.id === "reset" && !link()) return byId("forgot");
  return forms.includes(wanted) ? wanted : forms[0];
}

// address is what a form begins with: what stands in the one that was left, else where the
// last mail went.
function address(form) {
  return shown.elements.email.value || (form.id in MAILERS && sessionStorage.getItem(ADDRESS)) || "";
}

function countDown(form) {
  stopWatching();
  const button = form.querySelector("button:not([type])");
  stopWatching = watch(form.id, form.elements.email.value.trim(), (seconds) => {
    button.ariaDisabled = seconds > 0 ? "true" : null;
    button.textContent = seconds > 0 ? t("send-again-in", { count: seconds }) : t(MAILERS[form.id]);
  });
}

// sent begins the wait for a mail that is on its way.
function sent(form, email) {
  sessionStorage.setItem(ADDRESS, email);
  begin(form, email.trim());
}

// toMail goes on to the form that waits for the mail, for one address.
function toMail(email) {
  byId("mail").elements.email.value = email;
  sessionStorage.setItem(ADDRESS, email);
  location.hash = "mail";
}

const toChat = () => location.replace("/");

async function leadOn() {
  if (ANYBODY.includes(shown.id)) return;
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

// sayNote says what the page that led here wants known.
function sayNote() {
  if (sessionStorage.getItem(NOTE) === "deleted") byId("sign-in-done").textContent = t("account-deleted");
  sessionStorage.removeItem(NOTE);
}

handle(byId("sign-in"), (next, { email }) => {
  if (next === "chat") return toChat();
  unconfirmed = true;
  toMail(email);
});

handle(byId("sign-up"), (_, { email }) => {
  byId("sign-in").elements.email.value = email;
  unconfirmed = false;
  sent("mail", email);
  toMail(email);
});

for (const [id, text] of [["mail", "sent-again"], ["forgot", "forgot-sent"]]) {
  const form = byId(id);
  handle(form, (_, { email }) => {
    sent(id, email);
    form.querySelector(".done").textContent = t(text);
    countDown(form);
  });
  form.elements.email.addEventListener("input", () => countDown(form));
}

handle(byId("reset"), (next, { email }) => {
  const form = byId(next === "changed" ? "sign-in" : "forgot");
  form.elements.email.value = email;
  byId("reset").reset();
  dropLink(form.id);
  show();
  if (next === "changed") byId("sign-in-done").textContent = t("password-changed");
  else say(form, t("problem-reset-link"));
});

byId("sign-in-unconfirmed").addEventListener("click", () => (unconfirmed = true));

await loadTexts("auth");
takeLink();
fill();
show();
sayNote();
if (location.hash === "#reset" && shown.id === "forgot") say(shown, t("problem-reset-link"));
addEventListener("hashchange", show);
// A link in a mail opens in another tab, and signs this one in as well.
document.addEventListener("visibilitychange", () => {
  if (!byId("mail").hidden) leadOn();
});
leadOn();
