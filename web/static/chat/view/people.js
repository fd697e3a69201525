// The search for people: a field and a list of who was found, to walk with the arrow keys and
// to pick with Enter.
import { t } from "../../i18n.js";
import { html, useEffect, useRef, useState } from "../../vendor/preact.standalone.module.js";
import { Avatar } from "./avatar.js";
import { Icon } from "./icons.js";

// How long after a key the question goes out, in milliseconds.
const DEBOUNCE = 180;
let nextId = 1;

export function PeopleSearch({ session, label, pick, onQuery = () => {}, except = () => false }) {
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const found = useFound(session, query);
  const list = useRef(`found-${nextId++}`).current;
  const people = found?.filter((person) => !except(person.id));
  const current = people?.length ? Math.min(active, people.length - 1) : -1;
  const change = (text) => {
    setQuery(text);
    setActive(0);
    onQuery(text);
  };
  const choose = (person) => {
    change("");
    pick(person);
  };
  const onKeyDown = (event) => {
    if (event.isComposing) return;
    const count = people?.length ?? 0;
    const act = {
      ArrowDown: () => count && setActive((current + 1) % count),
      ArrowUp: () => count && setActive((current + count - 1) % count),
      Enter: () => count && choose(people[current]),
      Escape: () => query && change(""),
    }[event.key];
    if (!act || (event.key === "Escape" && !query)) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
  return html`
    <div class="people-search">
      <span class="search-field">
        <${Icon} name="search" />
        <input type="search" role="combobox" autocomplete="off" spellcheck=${false} maxlength="64" dir=${query ? "auto" : undefined}
          aria-label=${label} placeholder=${label} aria-autocomplete="list" aria-expanded=${String(Boolean(people?.length))}
          aria-controls=${list} aria-activedescendant=${current >= 0 ? `${list}-${current}` : undefined}
          value=${query} onInput=${(event) => change(event.target.value)} onKeyDown=${onKeyDown} />
      </span>
      <ul id=${list} class="found" role="listbox" aria-label=${t("find.found")} hidden=${!people?.length}>
        ${people?.map((person, i) => html`
          <li key=${person.id} id="${list}-${i}" role="option" aria-selected=${String(i === current)} data-person=${person.id} onClick=${() => choose(person)}>
            <${Avatar} id=${person.id} name=${person.name} picture=${session.chats.picture(person.id)} small />
            <span class="who"><bdi>${person.name}</bdi>${person.id === session.chats.me.id ? html` <small>${t("find.you")}</small>` : null}</span>
            ${person.email && html`<small class="email" dir="ltr">${person.email}</small>`}
          </li>`)}
      </ul>
      <p class="hint small" role="status">${people?.length === 0 ? t("find.nobody") : ""}</p>
    </div>`;
}

// useFound is who was found for a query, undefined while there is none. An answer that comes
// after the next key is not shown.
function useFound(session, query) {
  const [found, setFound] = useState();
  useEffect(() => {
    const name = query.trim();
    if (!name) {
      setFound(undefined);
      return undefined;
    }
    let late = false;
    const wait = setTimeout(async () => {
      try {
        const people = await session.findPeople(name);
        if (!late) setFound(people);
      } catch (error) {
        if (!late) session.toasts.fail(error);
      }
    }, DEBOUNCE);
    return () => {
      late = true;
      clearTimeout(wait);
    };
  }, [query]);
  return query.trim() ? found : undefined;
}
