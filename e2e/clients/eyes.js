// What the tests see of a page: what a person sees, by the words that are on it. It is put
// into every page before the page's own scripts, and touches nothing of it.
window.eyes = (() => {
  const KINDS = {
    button: "button, [role=button], [role=menuitem], [role=switch], [role=radio], summary, input[type=submit], input[type=radio]",
    link: "a[href]",
    field: "input, textarea, select",
    option: "[role=option], [role=checkbox], input[type=checkbox], li button, label:has(input[type=checkbox])",
  };

  const shown = (element) => {
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1;
  };

  // scope is where one can act: below an open dialog nothing can be reached.
  const scope = () => [...document.querySelectorAll("dialog:modal")].at(-1) ?? document;

  // words are a text as it is read: without the marks around names, and in one line.
  const words = (text) => (text ?? "").replace(/[\u2066-\u2069]/g, "").replace(/\s+/g, " ").trim();

  // names are what somebody may call an element.
  const names = (element) => {
    const ids = (element.getAttribute("aria-labelledby") ?? "").split(" ").filter(Boolean);
    const described = ids.map((id) => document.getElementById(id)?.innerText ?? "").join(" ");
    const labels = [...(element.labels ?? [])].flatMap((label) => [label.innerText, label.firstChild?.textContent, label.firstElementChild?.innerText]);
    const person = element.querySelector("bdi")?.innerText;
    return [element.ariaLabel, described, ...labels, person, element.placeholder, element.title, element.innerText, element.value]
      .filter((name) => typeof name === "string").map(words).filter(Boolean);
  };

  // all are the shown elements of a kind whose name is exactly this, or else begins with it.
  const all = (kind, name) => {
    const candidates = [...scope().querySelectorAll(KINDS[kind] ?? kind)].filter(shown);
    if (name === "") return candidates;
    const exact = candidates.filter((element) => names(element).includes(words(name)));
    return exact.length > 0 ? exact : candidates.filter((element) => names(element).some((n) => n.startsWith(words(name))));
  };

  let last;

  // spot is where to point at to press an element: null while it is not there, moves, is
  // disabled, or lies below another.
  const spot = (kind, name) => {
    const element = all(kind, name)[0];
    if (!element || element.disabled || element.ariaDisabled === "true") return null;
    element.scrollIntoView({ block: "nearest", inline: "nearest" });
    const box = element.getBoundingClientRect();
    const place = [box.x, box.y, box.width, box.height].join();
    const still = last?.element === element && last.place === place;
    last = { element, place };
    const x = box.x + box.width / 2, y = box.y + box.height / 2;
    const top = document.elementFromPoint(x, y);
    const label = element.labels?.[0];
    if (!still || !top || !(element.contains(top) || top.contains(element) || label?.contains(top))) return null;
    return { x, y };
  };

  // until resolves to what look finds once that is truthy, or to null after so many
  // milliseconds. It looks when the page changes, and now and then for what changes silently.
  const until = (look, limit) => new Promise((resolve, reject) => {
    let observer, timer;
    const end = performance.now() + limit;
    const finish = (settle, value) => {
      observer?.disconnect();
      clearInterval(timer);
      settle(value);
    };
    const check = () => {
      try {
        const found = look();
        if (found) finish(resolve, found);
        else if (performance.now() > end) finish(resolve, null);
      } catch (error) {
        finish(reject, error);
      }
    };
    observer = new MutationObserver(check);
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    timer = setInterval(check, 30);
    check();
  });

  // text is all that can be read, as it is read.
  const text = () => document.body?.innerText ?? "";

  // messages are those in the log, from the oldest on.
  const messages = () => [...document.querySelectorAll("[role=log] [data-message]")];

  return { all, shown, spot, until, text, words, names, messages };
})();
