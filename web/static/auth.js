// The sign-in page: three forms, of which the address's fragment names the one shown.
import { byId, say } from "./dom.js";
import { post } from "./rest.js";

const forms = ["sign-in", "sign-up", "mail"].map(byId);
const NOT_VERIFIED = -2;

function show() {
  const wanted = byId(location.hash.slice(1));
  const form = forms.includes(wanted) ? wanted : forms[0];
  for (const other of forms) {
    other.hidden = other !== form;
    say(other.querySelector(".error"), "");
  }
  const empty = [...form.elements].find((field) => field.name && field.value === "");
  (empty ?? form.querySelector("button")).focus();
  if (form.id === "mail") offerMailbox();
}

// offerMailbox leads to the development server's mailbox, which no other server has.
async function offerMailbox() {
  const answer = await fetch("/dev/mailbox").catch(() => null);
  byId("mailbox").hidden = answer?.status !== 200;
}

// handle posts a form's fields, and gives the answer to a function that says what is
// wrong with it, if anything is.
function handle(form, judge) {
  const button = form.querySelector("button");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    const fields = Object.fromEntries(new FormData(form));
    const answer = await post(new URL(form.action).pathname, fields);
    button.disabled = false;
    say(form.querySelector(".error"), judge(answer, fields) ?? "");
  });
}

// toMail goes on to the form that waits for the mail, for one address.
function toMail(email) {
  byId("mail").elements.email.value = email;
  say(byId("mail").querySelector(".done"), "");
  location.hash = "mail";
}

handle(byId("sign-in"), (answer, { email }) => {
  if (answer.success === 1) {
    location.replace("/");
    return;
  }
  if (answer.success === NOT_VERIFIED) {
    toMail(email);
    return;
  }
  return answer.message ?? answer.msg;
});

handle(byId("sign-up"), (answer, { email }) => {
  if (answer.success !== 1) return answer.message;
  byId("sign-in").elements.email.value = email;
  toMail(email);
});

handle(byId("mail"), (answer) => {
  const sent = answer.success === 1;
  say(byId("mail").querySelector(".done"), sent ? "A new link is on its way; older ones no longer work." : "");
  return sent ? "" : answer.message;
});

addEventListener("hashchange", show);
show();
