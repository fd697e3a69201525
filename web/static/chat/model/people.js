// What people are called here.

// The server calls everybody so who has deleted their account, whatever the reader's language.
const DELETED = "Deleted user";
let deleted = DELETED;

// callDeleted says what they are called here.
export function callDeleted(name) {
  deleted = name;
}

// personName is what somebody is called here, by their name on the wire; groups are called what they are.
export const personName = (name) => (name === DELETED ? deleted : name);
