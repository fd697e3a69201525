// Texts, numbers and times in the reader's language. A page's texts are a module for each
// language, i18n/<page>.<language>.js, whose default export is an object of key to text.
// A text names its values in braces: "Send to {name}". One that depends on a number is an
// object by plural category (other is always there), chosen by the value "count".

// LANGUAGES are those there are texts for, each in its own name.
export const LANGUAGES = { en: "English", ar: "العربية" };

const RIGHT_TO_LEFT = new Set(["ar"]);
const CHOICE = "expresschat.language";

// language is what the reader chose here, else the first of the browser's that there is, else English.
export const language = chosen() ?? navigator.languages.map((tag) => tag.split("-")[0]).find((tag) => tag in LANGUAGES) ?? "en";

// locale is how numbers and times are written: as the browser has it, if that is the same language.
export const locale = navigator.languages.find((tag) => tag.split("-")[0] === language) ?? language;

const plurals = new Intl.PluralRules(locale);
const numbers = new Intl.NumberFormat(locale);
let texts = {};

// loadTexts reads the texts of a page and tells the document its language and direction. Call
// it before the first t.
export async function loadTexts(page) {
  texts = (await import(`./i18n/${page}.${language}.js`)).default;
  document.documentElement.lang = language;
  document.documentElement.dir = RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr";
}

// t is the text of a key, with its values. A key without a text is a bug, and shows as itself.
export function t(key, values = {}) {
  let text = texts[key] ?? key;
  if (typeof text === "object") text = text[plurals.select(values.count)] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (_, name) => show(values[name]));
}

// setLanguage keeps a choice and loads the page again in it.
export function setLanguage(tag) {
  try {
    localStorage.setItem(CHOICE, tag);
  } catch {
    // A browser that keeps nothing shows its own language.
  }
  location.reload();
}

function chosen() {
  try {
    const tag = localStorage.getItem(CHOICE);
    return tag in LANGUAGES ? tag : undefined;
  } catch {
    return undefined;
  }
}

function show(value) {
  return typeof value === "number" ? numbers.format(value) : String(value ?? "");
}
