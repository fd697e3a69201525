// Finding people by name, as one types.
import { avatar, el, notice } from "./dom.js";

const ANSWERS = { Search: "searched-user", Add: "added-user-match" };

function row(user, pick) {
  const button = el(
    "button",
    { type: "button", className: "row", onclick: () => pick({ id: user._id, name: user.Name }) },
    avatar(user._id, user.Name),
    el("span", { className: "name", textContent: user.Name }),
    el("small", { textContent: user.Email }),
  );
  return el("li", {}, button);
}

// findPeople lists below an input whom its text finds. The type is the server's:
// Search finds eight, Add three. Those that skip says yes to are left out. Picking
// somebody empties both and calls pick with {id, name}.
export function findPeople(connection, { input, list, type, skip = () => false, pick }) {
  let shown = ""; // the text that the list is for
  let waiting = false;

  function picked(user) {
    input.value = "";
    look();
    pick(user);
  }

  // One question is under way at a time, so answers can't overtake each other.
  async function look() {
    if (waiting) return;
    waiting = true;
    try {
      while (shown !== input.value.trim()) {
        shown = input.value.trim();
        if (shown === "") list.replaceChildren();
        else await connection.ask("search-user", { Name: shown, Type: type });
      }
    } catch (error) {
      notice(error.message);
    } finally {
      waiting = false;
    }
  }

  connection.on(ANSWERS[type], ({ Users }) => {
    if (!waiting || input.value.trim() === "") return;
    const rows = Users.filter((user) => !skip(user._id)).map((user) => row(user, picked));
    list.replaceChildren(...(rows.length ? rows : [el("li", { className: "none", textContent: "Nobody by that name." })]));
  });
  input.addEventListener("input", look);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      list.querySelector("button")?.click();
    }
  });
}
