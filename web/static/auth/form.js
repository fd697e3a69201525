// A form of the page: its fields with their problems, and one submit at a time.
import { post } from "../rest.js";
import { t } from "../i18n.js";
import { RULES, judge } from "./rules.js";

// The hidden attribute is not for a live region, which has to be there before its text.
const whole = (form) => form.querySelector(".whole");

// say tells what is wrong with a form as a whole.
export function say(form, text) {
  whole(form).textContent = text;
}

// hush takes back what was said of a form.
function hush(form) {
  say(form, "");
  for (const done of form.querySelectorAll(".done")) done.textContent = "";
}

// complain says what is wrong with a field, or that nothing is.
function complain(field, text) {
  const place = document.getElementById(`${field.id}-error`);
  place.textContent = text;
  place.hidden = text === "";
  if (text) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

const fieldsOf = (form) => Object.keys(RULES[form.id]).map((name) => form.elements[name]);

export function calm(form) {
  hush(form);
  for (const field of fieldsOf(form)) complain(field, "");
}

// check says what is wrong with each field, goes to the first of them, and tells whether
// all are right.
function check(form) {
  let first;
  for (const field of fieldsOf(form)) {
    const problem = RULES[form.id][field.name](field.value);
    complain(field, problem ? t(problem) : "");
    if (problem) first ??= field;
  }
  first?.focus();
  return first === undefined;
}

function show(form, { problem, values, field, aside }) {
  const text = t(problem, values);
  if (aside) document.getElementById(aside).hidden = false;
  if (!field) return say(form, text);
  complain(form.elements[field], text);
  form.elements[field].focus();
}

// handle posts a form whose fields are right, and gives what the answer leads to, with the
// fields, to go. A button that waits keeps the focus, so it is not disabled but deaf.
export function handle(form, go) {
  const button = form.querySelector("button:not([type])");
  for (const field of fieldsOf(form)) field.addEventListener("input", () => complain(field, ""));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.ariaDisabled === "true") return;
    hush(form);
    if (!check(form)) return;
    button.ariaDisabled = "true";
    const fields = Object.fromEntries(new FormData(form));
    const answer = await post(new URL(form.action).pathname, fields);
    button.ariaDisabled = null;
    const verdict = judge(form.id, answer);
    if (verdict.next) go(verdict.next, fields);
    else show(form, verdict);
  });
}

// reveal has a button show and hide the password beside it.
export function reveal(button) {
  const field = document.getElementById(button.dataset.reveal);
  button.setAttribute("aria-controls", field.id);
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.textContent = shown ? t("hide") : t("show");
    button.ariaLabel = shown ? t("hide-password") : t("show-password");
  });
  button.ariaLabel = t("show-password");
}
