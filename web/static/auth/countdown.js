// The wait before another mail may be asked for. It is kept for the tab, so that loading
// the page again does not end it.

// WAIT is how many seconds it takes the server to allow one mail more to an address.
const WAIT = 60;
const KEPT = "expresschat.mail-sent";

// secondsLeft is how many whole seconds are left of a wait, of which none is left out.
export function secondsLeft(sent, now) {
  return Math.min(WAIT, Math.max(0, Math.ceil(sent / 1000 + WAIT - now / 1000)));
}

// begin starts the wait anew.
export function begin() {
  sessionStorage.setItem(KEPT, Date.now());
}

// watch calls show with the seconds left, now and each second until none is left.
export function watch(show) {
  const tick = () => {
    const left = secondsLeft(Number(sessionStorage.getItem(KEPT)), Date.now());
    show(left);
    if (left === 0) clearInterval(timer);
  };
  const timer = setInterval(tick, 1000);
  tick();
  return () => clearInterval(timer);
}
