// A form in a dialog: its fields with their problems, and one submit at a time.
import { t } from "../../i18n.js";
import { html, useLayoutEffect, useRef, useState } from "../../vendor/preact.standalone.module.js";

// useForm gives a form's props and what is wrong with it, by field, and "whole" for the rest.
// check finds problems by field; send resolves to a verdict, and done is called with one that
// has no problem. A button that waits keeps the focus, so it is not disabled but deaf.
export function useForm(check, send, done) {
  const form = useRef();
  const [wrong, setWrong] = useState({});
  const [busy, setBusy] = useState(false);
  const [tries, setTries] = useState(0);
  useLayoutEffect(() => form.current?.querySelector("[aria-invalid]")?.focus(), [tries]);
  const complain = (problems, values) => {
    setWrong(Object.fromEntries(Object.entries(problems).map(([field, problem]) => [field, t(problem, values)])));
    setTries((n) => n + 1);
  };
  const onSubmit = async (event) => {
    event.preventDefault();
    if (busy) return;
    const fields = Object.fromEntries(new FormData(form.current));
    const problems = check(fields);
    complain(problems);
    if (Object.keys(problems).length > 0) return;
    setBusy(true);
    const verdict = await send(fields);
    setBusy(false);
    if (verdict.problem) complain({ [verdict.field ?? "whole"]: verdict.problem }, verdict.values);
    else if (!verdict.over) done(verdict);
  };
  const onInput = ({ target: { name } }) => wrong[name] && setWrong(({ [name]: _, ...others }) => others);
  return { props: { ref: form, onSubmit, onInput, novalidate: true }, wrong, busy };
}

let nextId = 1;

// Field is one with its label, and below it a hint, and what is wrong.
export function Field({ label, hint, wrong, children, ...props }) {
  const id = useRef(`field-${nextId++}`).current;
  const described = `${hint ? `${id}-hint ` : ""}${id}-wrong`;
  const input = html`<input id=${id} required aria-invalid=${wrong ? "true" : undefined} aria-describedby=${described} ...${props} />`;
  return html`
    <div class="field">
      <label for=${id}>${label}</label>
      ${children ? html`<div class="joined">${input}${children(id)}</div>` : input}
      ${hint && html`<p id="${id}-hint" class="faint">${hint}</p>`}
      <p id="${id}-wrong" class="error">${wrong}</p>
    </div>`;
}

// Password is a field whose text can be shown.
export function Password(props) {
  const [shown, setShown] = useState(false);
  const reveal = (id) => html`
    <button type="button" class="quiet" aria-controls=${id} aria-label=${t(shown ? "password.hide.label" : "password.show.label")} onClick=${() => setShown(!shown)}>
      ${t(shown ? "password.hide" : "password.show")}
    </button>`;
  return html`<${Field} type=${shown ? "text" : "password"} ...${props}>${reveal}<//>`;
}
