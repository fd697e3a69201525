// What becomes of a group, as one line among its messages. Each kind has its words, under
// "news." and the kind: of others, of what I did, and of what was done to me.
export const NEWS = ["added", "removed", "owner", "promoted", "demoted", "left", "renamed", "pictured"];

// OF_GROUP are those whose name is the group's.
const OF_GROUP = new Set(["renamed", "pictured"]);

// keyOf is the text's key for a piece of news, in which a name is empty if it is mine.
export function keyOf({ key, byName, name }) {
  if (!OF_GROUP.has(key) && name === "") return `news.${key}.me`;
  return byName === "" ? `news.${key}.byMe` : `news.${key}`;
}
