// What stands between the messages and how they belong together: the day above the first
// one of a day, the line above the first unread one, and which are of one breath.

// How long after a message another of the same person still belongs to it, in milliseconds.
const BREATH = 5 * 60_000;

// rows makes rows to show of messages in order: {type: "day", at}, {type: "unread"}, {type:
// "news", message} and {type: "message", message, first, last}, where first and last are
// of its group. The first row is always a day, so that none goes away above what one looks at
// while nothing comes in its place. before is the message above the first one, if it is
// known; unreadFrom the seq of the first unread one.
export function rows(messages, { before, unreadFrom } = {}) {
  const made = [];
  let previous = before;
  for (const message of messages) {
    const newDay = made.length === 0 || !sameDay(previous.at, message.at);
    const unread = unreadFrom !== undefined && message.seq >= unreadFrom && !(previous?.seq >= unreadFrom);
    if (newDay) made.push({ type: "day", key: `day-${message.seq ?? message.clientId}`, at: message.at });
    if (unread) made.push({ type: "unread", key: "unread" });
    made.push(row(message, newDay || unread || !together(previous, message)));
    previous = message;
  }
  return closed(made);
}

function row(message, first) {
  const key = message.clientId ?? `seq-${message.seq}`;
  return message.news ? { type: "news", key, message } : { type: "message", key, message, first, last: true };
}

function together(a, b) {
  return !a.news && !b.news && a.from === b.from && b.at - a.at < BREATH;
}

// closed marks those that another one of the same group follows.
function closed(made) {
  for (let i = 0; i + 1 < made.length; i++) {
    const next = made[i + 1];
    if (made[i].type === "message" && next.type === "message" && !next.first) made[i].last = false;
  }
  return made;
}

// daysBetween is how many midnights lie between two times.
export function daysBetween(earlier, later) {
  const [from, to] = [earlier, later].map((at) => new Date(at).setHours(0, 0, 0, 0));
  return Math.round((to - from) / 86_400_000); // a day may have 23 or 25 hours
}

export function sameDay(a, b) {
  return new Date(a).toDateString() === new Date(b).toDateString();
}
