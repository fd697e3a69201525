// What is known of one chat's messages: the pages that were fetched, what came since,
// and what is still on its way. Each message is {id, seq, mine, sender, content, at,
// readers}.

export class Conversation {
  hasMore = false;
  draft = "";
  #messages = new Map(); // by id
  #unsent = new Map(); // by client id: {clientId, content, at, failed}
  #readUpTo = new Map(); // by reader
  #reopenedAt = Infinity; // the newest message when it was reopened

  // reopen says that the next page is the newest one, and that messages may have been
  // missed before it.
  reopen() {
    this.#reopenedAt = this.newest;
  }

  // page takes a page of messages, in any order. more says that there are older ones. An
  // empty page changes nothing: it is what the details of a group come with.
  page(messages, more) {
    if (messages.length === 0) return;
    const oldest = messages.reduce((seq, message) => Math.min(seq, message.seq), Infinity);
    // Where the newest page does not reach back to what was here, it starts anew.
    if (more && oldest > this.#reopenedAt) this.#dropBefore(oldest);
    this.#reopenedAt = Infinity;
    if (oldest <= this.oldest) this.hasMore = more;
    for (const message of messages) this.add(message);
  }

  add(message) {
    const known = this.#messages.get(message.id);
    if (known) {
      for (const reader of message.readers) known.readers.add(reader);
      return;
    }
    for (const [reader, seq] of this.#readUpTo) {
      if (message.seq <= seq) message.readers.add(reader);
    }
    this.#messages.set(message.id, message);
  }

  // sending notes a message that was handed to the server, or is once more.
  sending(clientId, content) {
    this.#unsent.set(clientId, { clientId, content, at: new Date(), failed: "" });
  }

  failed(clientId, reason) {
    this.#unsent.get(clientId).failed = reason;
  }

  // sent puts a message into the place that the server gave it.
  sent(clientId, message) {
    this.#unsent.delete(clientId);
    this.add(message);
  }

  // read notes that somebody has read everything up to seq.
  read(reader, seq) {
    this.#readUpTo.set(reader, Math.max(seq, this.#readUpTo.get(reader) ?? 0));
    for (const message of this.#messages.values()) {
      if (message.seq <= seq) message.readers.add(reader);
    }
  }

  get newest() {
    return Math.max(0, ...this.#seqs());
  }

  get oldest() {
    return Math.min(Infinity, ...this.#seqs());
  }

  get messages() {
    return [...this.#messages.values()].sort((a, b) => a.seq - b.seq);
  }

  get unsent() {
    return [...this.#unsent.values()];
  }

  #dropBefore(seq) {
    for (const message of this.#messages.values()) {
      if (message.seq < seq) this.#messages.delete(message.id);
    }
  }

  #seqs() {
    return [...this.#messages.values()].map((message) => message.seq);
  }
}
