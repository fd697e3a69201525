// The two dialogs of a group: making one, and its details with what may be done there.
import { avatar, byId, el, say, sure } from "./dom.js";
import { findPeople } from "./people.js";

// createGroups binds the dialog that makes a group.
export function createGroups(connection, chats) {
  const dialog = byId("create-group");
  const form = byId("create-group-form");
  const chosen = new Map();

  function show() {
    byId("create-chosen").replaceChildren(
      ...Array.from(chosen, ([id, name]) => {
        const drop = el("button", { type: "button", textContent: `${name} ×`, title: `Leave ${name} out` });
        drop.onclick = () => {
          chosen.delete(id);
          show();
        };
        return el("li", {}, drop);
      }),
    );
  }

  findPeople(connection, {
    input: byId("create-find"),
    list: byId("create-found"),
    type: "Add",
    skip: (id) => id === chats.me.id || chosen.has(id),
    pick: ({ id, name }) => {
      chosen.set(id, name);
      show();
    },
  });
  byId("new-group").addEventListener("click", () => {
    form.reset();
    chosen.clear();
    show();
    byId("create-found").replaceChildren();
    say(dialog.querySelector(".error"), "");
    dialog.showModal();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { name, description } = Object.fromEntries(new FormData(form));
    try {
      await connection.ask("create-group-chat", { Name: name, Description: description, Participants: [...chosen.keys()] });
      dialog.close();
    } catch (error) {
      say(dialog.querySelector(".error"), error.message);
    }
  });
}

// GroupDialog shows the details of the open group.
export class GroupDialog {
  #connection;
  #chats;
  #id = "";
  #dialog = byId("group");

  constructor(connection, chats) {
    this.#connection = connection;
    this.#chats = chats;
    findPeople(connection, {
      input: byId("add-find"),
      list: byId("add-found"),
      type: "Add",
      skip: (id) => this.#details?.members.some((member) => member.id === id),
      pick: ({ id }) => this.#act("add-member", { Member: id }),
    });
  }

  open(id) {
    this.#id = id;
    say(this.#dialog.querySelector(".error"), "");
    this.show();
    this.#dialog.showModal();
  }

  close(id) {
    if (id === this.#id) this.#dialog.close();
  }

  get #details() {
    return this.#chats.get(this.#id)?.details;
  }

  // show draws the details anew, after any change of them.
  show() {
    const details = this.#details;
    if (!details) return;
    const owner = details.owner === this.#chats.me.id;
    byId("group-name").textContent = details.name;
    byId("group-description").textContent = details.description;
    byId("group-members").replaceChildren(...details.members.map((member) => this.#member(member, owner)));
    byId("group-add").hidden = !owner;
    byId("group-leave").hidden = owner;
    byId("group-delete").hidden = !owner;
    sure(byId("group-leave"), "Leave group", "Really leave?", () => this.#act("leave-grp"));
    sure(byId("group-delete"), "Delete group", "Really delete it for all?", () => this.#act("delete-grp"));
  }

  #member({ id, name }, iAmOwner) {
    const mine = id === this.#chats.me.id;
    const row = el("li", { className: "row" }, avatar(id, name), el("span", { className: "name", textContent: mine ? `${name} (you)` : name }));
    if (id === this.#details.owner) row.append(el("small", { textContent: "admin" }));
    if (iAmOwner && !mine) {
      const promote = el("button", { className: "quiet" });
      const remove = el("button", { className: "quiet" });
      sure(promote, "Make admin", "Hand over?", () => this.#act("change-admin", { Member: id }));
      sure(remove, "Remove", "Really?", () => this.#act("kickout", { Member: id }));
      row.append(promote, remove);
    }
    return row;
  }

  async #act(event, payload = {}) {
    const error = this.#dialog.querySelector(".error");
    say(error, "");
    try {
      await this.#connection.ask(event, { GroupId: this.#id, ...payload });
    } catch (problem) {
      say(error, problem.message);
    }
  }
}
