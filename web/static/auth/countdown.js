// The wait before another mail may be asked for, by what it is for: the server counts by address.
// It is kept for the tab, so that loading the page again does not end it.

// WAIT is how many seconds it takes the server to allow one mail more to an address.
const WAIT = 60;
const key = (form) => `expresschat.sent.${form}`;

// secondsLeft is how many whole seconds are left of a wait, of which none is left out.
export function secondsLeft(sent, now) {
  return Math.min(WAIT, Math.max(0, Math.ceil(sent / 1000 + WAIT - now / 1000)));
}

// begin starts the wait anew, for the form that asked and the address that it asked for.
export function begin(form, address) {
  sessionStorage.setItem(key(form), JSON.stringify({ at: Date.now(), address }));
}

// watch calls show with the seconds left, now and each second until none is left. There is no
// wait for another address than the one that was asked for. It returns what ends it.
export function watch(form, address, show) {
  const sent = JSON.parse(sessionStorage.getItem(key(form))) ?? {};
  const tick = () => {
    const left = sent.address === address ? secondsLeft(sent.at, Date.now()) : 0;
    show(left);
    if (left === 0) clearInterval(timer);
  };
  const timer = setInterval(tick, 1000);
  tick();
  return () => clearInterval(timer);
}
