// What a message is in one line, where there is no room for its file.
import { t } from "../../i18n.js";

const SIGNS = { image: "🖼", voice: "🎤", video: "🎬", file: "📎" };

// gist is the text of a message, or what its file is. media is {type, name} or nothing.
export function gist({ content, media }) {
  if (!media) return content;
  const named = media.type === "file" && media.name;
  return `${SIGNS[media.type]} ${content || named || t(`media.${media.type}`)}`;
}
