// How long to wait before the next try, in milliseconds: it doubles with each, from FIRST up to MOST, and
// by chance is up to half less, so that pages that were turned away together do not come back together.
const FIRST = 2_000;
const MOST = 60_000;

export class Backoff {
  #tries = 0;

  next() {
    const most = Math.min(MOST, FIRST * 2 ** this.#tries++);
    return most - (Math.random() * most) / 2;
  }

  reset() {
    this.#tries = 0;
  }
}
