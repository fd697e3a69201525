// The link in a mail to somebody who forgot their password: whose it is, and its code. It stands
// in the entry of the browser's history, where loading the page again finds it, and neither in
// the address bar nor in what the browser keeps for the site.

// takeLink takes it out of the address, to which the mail leads.
export function takeLink() {
  if (!/^\/reset\/?$/i.test(location.pathname)) return;
  const query = new URLSearchParams(location.search);
  history.replaceState({ email: query.get("email") ?? "", token: query.get("token") ?? "" }, "", "/auth#reset");
}

// link is the one of this entry, if it is whole.
export function link() {
  const { email, token } = history.state ?? {};
  return email && token ? { email, token } : undefined;
}

// dropLink goes on to another form. Nobody comes back to a link that was used.
export function dropLink(form) {
  history.replaceState(null, "", `#${form}`);
}
