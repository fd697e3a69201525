// What the browser keeps between two visits. One that keeps nothing, or has no room left,
// is as good as one that is cleared at the end of the visit.

export class Storage {
  #kept;
  #memory = new Map();

  // kept is like localStorage, or nothing.
  constructor(kept) {
    this.#kept = kept;
  }

  get(key) {
    return this.#memory.get(key) ?? this.#kept?.getItem(key) ?? undefined;
  }

  set(key, text) {
    try {
      this.#kept.setItem(key, text);
      this.#memory.delete(key);
    } catch {
      this.#memory.set(key, text);
    }
  }

  remove(key) {
    this.#memory.delete(key);
    this.#kept?.removeItem(key);
  }

  // keys are those with a beginning.
  keys(prefix) {
    const kept = Array.from({ length: this.#kept?.length ?? 0 }, (_, i) => this.#kept.key(i));
    return [...new Set([...kept, ...this.#memory.keys()])].filter((key) => key.startsWith(prefix));
  }
}

// browserStorage is localStorage where there is one; asking for it can throw.
export function browserStorage() {
  try {
    return new Storage(localStorage);
  } catch {
    return new Storage(undefined);
  }
}
