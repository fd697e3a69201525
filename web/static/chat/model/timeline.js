// What is known of one chat's messages: in order of seq, each once, with what is missing
// at either end. A message is {id, seq, from, sender, content, at, clientId?}; a line of news
// about a group has news, {key, values}, in place of content.

export class Timeline {
  messages = [];
  // loaded is whether the newest page was ever here; older, whether there is more above.
  loaded = false;
  older = true;
  // loading is whether the newest page is on its way. Without it, and not loaded, nothing is
  // kept: what comes live would stand alone, with a gap below.
  loading = false;
  // stale is true while messages may have come that nobody told this client of.
  stale = false;
  // cursors is who has read up to where.
  cursors = new Map();
  #known = 0;

  // known is the seq up to which nothing is missing; a connection that comes back asks for
  // what comes after it.
  get known() {
    return this.#known;
  }

  get newest() {
    return this.messages.at(-1)?.seq ?? 0;
  }

  get oldest() {
    return this.messages.find((message) => !message.news)?.seq ?? 0;
  }

  // page takes a page of history. Newest is the first one, older goes above, newer fills what
  // was missed; more is whether there is more in that direction.
  page(direction, messages, more) {
    const added = this.#merge(messages);
    const top = Math.max(0, ...messages.map((message) => message.seq));
    if (direction !== "older") this.#known = Math.max(this.#known, top);
    if (direction === "newest") this.loaded = true;
    if (direction === "newest") this.loading = false;
    if (direction !== "newer") this.older = more;
    if (direction === "newer") this.stale = more;
    return added;
  }

  // live takes what the server told as it happened. Told in order, so nothing is missing
  // before it, unless the connection was away in between.
  live(message) {
    if (!this.loaded && !this.loading) return false;
    const added = this.#merge([message]);
    if (!this.stale) this.#known = Math.max(this.#known, message.seq);
    return added > 0;
  }

  // own takes a message of mine that was acknowledged. What others said before it may still
  // be on its way, so it does not move what is known.
  own(message) {
    if (!this.loaded && !this.loading) return false;
    return this.#merge([message]) > 0;
  }

  // interrupted marks what the end of a connection leaves open.
  interrupted() {
    if (this.loaded) this.stale = true;
    else this.messages = [];
  }

  readBy(user, seq) {
    this.cursors.set(user, Math.max(this.cursors.get(user) ?? 0, seq || this.newest));
  }

  // readers are those who have read a message, but its writer.
  readers(message) {
    return [...this.cursors].filter(([user, seq]) => user !== message.from && seq >= message.seq).map(([user]) => user);
  }

  rename(user, name) {
    for (const message of this.messages) if (message.from === user) message.sender = name;
  }

  // indexOf is where the first message of a seq or above stands.
  indexOf(seq) {
    let low = 0;
    let high = this.messages.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.messages[middle].seq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #merge(messages) {
    let added = 0;
    for (const message of [...messages].sort((a, b) => a.seq - b.seq)) {
      const at = message.seq > this.newest ? this.messages.length : this.indexOf(message.seq);
      const there = this.messages[at];
      if (there?.seq === message.seq) {
        if (message.clientId) there.clientId ??= message.clientId;
        continue;
      }
      this.messages.splice(at, 0, message);
      added++;
    }
    return added;
  }
}
