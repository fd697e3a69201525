// What is said at the foot of the page for a few seconds.
import { t } from "../../i18n.js";
import { CODES } from "../model/codes.js";
import { REFUSALS } from "../model/media.js";

const SHOWN = 7_000;

export class Toasts {
  list = [];
  #changed;
  #next = 1;

  constructor(changed) {
    this.#changed = changed;
  }

  say(text) {
    if (this.list.some((toast) => toast.text === text)) return;
    const toast = { id: this.#next++, text };
    this.list = [...this.list, toast].slice(-3);
    setTimeout(() => this.close(toast.id), SHOWN);
    this.#changed();
  }

  fail(error) {
    this.say(inWords(error.code, error.code && error.message));
  }

  close(id) {
    this.list = this.list.filter((toast) => toast.id !== id);
    this.#changed();
  }
}

// inWords is what an error's code means to a person.
export function inWords(code, fallback) {
  if (REFUSALS.includes(code)) return t(`refusal.${code}`);
  return CODES.includes(code) ? t(`error.${code}`) : (fallback ?? t("error.internal"));
}
