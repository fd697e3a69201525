// The few things that every module does with the page. Text from other people only
// ever gets into it as textContent.

export const byId = (id) => document.getElementById(id);

// el makes an element of a tag, its properties and its children.
export function el(tag, properties = {}, ...children) {
  const { dataset, ...rest } = properties;
  const element = Object.assign(document.createElement(tag), rest);
  Object.assign(element.dataset, dataset);
  element.append(...children);
  return element;
}

// say shows text in an element that is hidden while there is nothing to say.
export function say(element, text) {
  element.textContent = text;
  element.hidden = text === "";
}

let fading;

// notice shows something at the foot of the page for a few seconds.
export function notice(text) {
  say(byId("notice"), text);
  clearTimeout(fading);
  fading = setTimeout(() => say(byId("notice"), ""), 6000);
}

// sure makes a button with a label ask once more before it acts.
export function sure(button, label, question, act) {
  const calm = () => {
    button.textContent = label;
    delete button.dataset.armed;
  };
  calm();
  button.onblur = calm;
  button.onclick = () => {
    if (button.dataset.armed) {
      calm();
      act();
      return;
    }
    button.dataset.armed = "yes";
    button.textContent = question;
    button.focus();
  };
}

// avatar is a round initial, whose colour is the same wherever an id is shown.
export function avatar(id, name) {
  let sum = 0;
  for (const c of id) sum = (sum * 31 + c.codePointAt(0)) % 997;
  const initial = [...name][0] ?? "?";
  const face = el("span", { className: `avatar tint-${sum % 6}`, textContent: initial.toUpperCase() });
  face.ariaHidden = "true";
  return face;
}
