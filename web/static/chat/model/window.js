// Which of many messages are in the page: a stretch of them that moves as one scrolls. It is
// held by seq, so it stays where it is when older ones come in above.

// MOST bounds the messages in the page; STEP is by how many a stretch moves.
export const MOST = 200;
export const STEP = 60;
const FIRST = 80;

// An end of undefined is the end of all there is, the newest included.
export function atEnd(messages) {
  return { from: messages[Math.max(0, messages.length - FIRST)]?.seq ?? 0, to: undefined };
}

// around is a stretch that begins a little above a place.
export function around(messages, index) {
  return bounded(messages, Math.max(0, index - STEP / 3), Math.min(messages.length, index + FIRST));
}

// slice is where a stretch stands in messages now, as [start, end). If too many are in it, one
// that follows the end lets go of what is far above, any other one of what is far below.
export function slice(messages, { from, to }, following = false) {
  const end = to === undefined ? messages.length : find(messages, to + 1);
  const start = Math.min(find(messages, from), end);
  return following ? [Math.max(start, end - MOST), end] : [start, Math.min(end, start + MOST)];
}

// up and down move a stretch, and let go of the other end. They return the same object if
// there is nothing further.
export function up(messages, held) {
  const [start, end] = slice(messages, held);
  if (start === 0) return held;
  const next = Math.max(0, start - STEP);
  return bounded(messages, next, Math.min(end, next + MOST));
}

export function down(messages, held) {
  const [start, end] = slice(messages, held);
  if (end === messages.length) return held;
  const next = Math.min(messages.length, end + STEP);
  return bounded(messages, Math.max(start, next - MOST), next);
}

function bounded(messages, start, end) {
  return { from: messages[start]?.seq ?? 0, to: end >= messages.length ? undefined : messages[end - 1]?.seq };
}

// find is the first message of a seq or above. Those without a seq are not sent yet, and
// come last.
function find(messages, seq) {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((messages[middle].seq ?? Infinity) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
