// What a message says of its file, as far as this page believes it. The server's word comes from
// other people in the end: an address is used only if it is one of this server's files.

export const TYPES = ["image", "voice", "video", "file"];
const PATH = /^\/media\/(?:profile\/)?[A-Za-z0-9][A-Za-z0-9._-]*$/;
const UNSEEN = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu; // would show a name other than it is
const SOUND = /\.(?:mp3|m4a|aac|oga|ogg|opus|wav|flac)$/i;

// mediaPath is the path of a file on this server, or empty.
export const mediaPath = (path) => (typeof path === "string" && PATH.test(path) ? path : "");

// readAttachment is {type, url, thumb, name, size, width, height, duration, caption}: url and
// thumb are paths or empty, size is in bytes, duration in seconds, and 0 is not known.
export function readAttachment(wire) {
  if (!wire || typeof wire !== "object") return undefined;
  return {
    type: TYPES.includes(wire.Type) ? wire.Type : "file",
    url: mediaPath(wire.Url),
    thumb: mediaPath(wire.Thumb),
    name: plainName(wire.Name),
    size: amount(wire.Size),
    width: amount(wire.Width),
    height: amount(wire.Height),
    duration: amount(wire.Duration),
    caption: text(wire.Caption),
  };
}

// plainName is a file's name without what is not for the eye.
export const plainName = (name) => text(name).replace(UNSEEN, "").trim();

const text = (value) => (typeof value === "string" ? value : "");
const amount = (value) => (Number.isFinite(value) && value > 0 ? value : 0);

// isSound is whether a file is one to listen to.
export const isSound = ({ type, name }) => type === "voice" || (type === "file" && SOUND.test(name));

// The largest and the smallest that a picture is among messages, and what it is where nobody
// knows: its place is kept before it is there. All in CSS pixels.
const MOST = { width: 320, height: 340 };
const LEAST = 56;
const UNKNOWN = { width: 240, height: 180 };

// fit is the place for a picture or video of a size.
export function fit({ width, height }) {
  if (!width || !height) return UNKNOWN;
  const scale = Math.min(1, MOST.width / width, MOST.height / height);
  return { width: Math.max(LEAST, Math.round(width * scale)), height: Math.max(LEAST, Math.round(height * scale)) };
}

// REFUSALS are why a file doesn't go out, beside what codes.js has. Each has its words, under
// "refusal." and the code.
export const REFUSALS = ["too-large", "quota", "bad-file", "cut-off", "bad-picture", "empty", "folder", "too-many"];

// refusal is the code for an answer to an upload that is none of success.
export function refusal({ status, success }) {
  if (status === 0) return "cut-off";
  if (status === 413) return "too-large";
  if (status === 403) return success === -1 ? "quota" : "not-allowed";
  if (status === 404) return "no-such-chat";
  if (status === 400) return "bad-file";
  if (status === 429) return "rate-limited";
  return status === 503 ? "unavailable" : "internal";
}

// passes is whether it makes sense to send the same again by itself.
export const passes = ({ status }) => status === 0 || status === 429 || status === 502 || status === 503 || status === 504;
