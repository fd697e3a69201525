// A message's text in pieces: what is a link, and what is only text. Nothing here makes
// HTML; a view shows each piece as text.

const CANDIDATE = /\b(?:https?:\/\/|mailto:)[^\s<>"]+/gi;
const SCHEMES = new Set(["http:", "https:", "mailto:"]);
// What ends a sentence rather than an address.
const TRAILING = new Set(".,;:!?'’”»…،؛؟*_~");
const PICTURE = /^(?:\p{Extended_Pictographic}|\p{Regional_Indicator}|\p{Emoji_Modifier}|\u200d|\ufe0f|\s)+$/u;

// pieces splits text into {text} and {text, href}.
export function pieces(text) {
  const found = [];
  let end = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    const shown = trim(match[0]);
    const href = address(shown);
    if (!href) continue;
    if (match.index > end) found.push({ text: text.slice(end, match.index) });
    found.push({ text: shown, href });
    end = match.index + shown.length;
  }
  if (end < text.length) found.push({ text: text.slice(end) });
  return found;
}

// emojiOnly is true of one to three pictures and nothing else, which are shown large.
export function emojiOnly(text) {
  if (text.length > 60 || !PICTURE.test(text) || text.trim() === "") return false;
  const marks = [...new Intl.Segmenter().segment(text.replace(/\s/g, ""))];
  return marks.length <= 3;
}

// trim leaves off what belongs to the sentence around an address, as its closing bracket.
function trim(text) {
  let surplus = text.split(")").length - text.split("(").length;
  let end = text.length;
  for (; end > 0; end--) {
    const bracket = text[end - 1] === ")" && surplus > 0;
    if (!bracket && !TRAILING.has(text[end - 1])) break;
    if (bracket) surplus--;
  }
  return text.slice(0, end);
}

function address(text) {
  try {
    const url = new URL(text);
    return SCHEMES.has(url.protocol) && (url.host || url.pathname) ? url.href : undefined;
  } catch {
    return undefined;
  }
}
