// Changes tells whoever shows something that there is something new to show. Many changes
// of one turn are told once.
export class Changes {
  #listeners = new Set();
  #told = true;

  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell = () => {
    if (!this.#told) return;
    this.#told = false;
    queueMicrotask(() => {
      this.#told = true;
      for (const listener of this.#listeners) listener();
    });
  };
}
