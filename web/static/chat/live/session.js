// All that one signed-in user has on a page: the models, the line that fills them, and what
// the user can do. Views read from it, and learn from changes that there is news.
import { post } from "../../rest.js";
import { Chats } from "../model/chats.js";
import { Drafts } from "../model/drafts.js";
import { Outbox } from "../model/outbox.js";
import { browserStorage } from "../model/storage.js";
import { Tray } from "../model/tray.js";
import { Changes } from "./changes.js";
import { listen } from "./events.js";
import { listenToGroups } from "./groupevents.js";
import { History } from "./history.js";
import { Line } from "./line.js";
import { Push } from "./push.js";
import { Reader } from "./reader.js";
import { Sender } from "./sender.js";
import { Toasts } from "./toasts.js";
import { Typing } from "./typing.js";
import { Uploads } from "./uploads.js";

export class Session {
  changes = new Changes();
  storage = browserStorage();
  line = new Line();
  chats = new Chats();
  drafts = new Drafts(this.storage);
  outbox = new Outbox(this.storage);
  toasts = new Toasts(this.changes.tell);
  history = new History(this.line, this.chats, this.changes.tell);
  reader = new Reader(this.line, this.chats, this.changes.tell);
  typing = new Typing(this.line);
  sender = new Sender(this.line, this.outbox, { sent: (...stored) => this.#stored(...stored), changed: this.changes.tell });
  uploads = new Uploads(this.line, this.outbox, { ready: (chat) => this.sender.send(chat), changed: this.changes.tell });
  tray = new Tray(measure, this.changes.tell);
  push = new Push();
  // ready is whether the lists are here; online, whether the line is up.
  ready = false;
  online = false;
  // heard is called with each message of somebody else as it comes.
  heard = () => {};
  #found = [];

  start() {
    listen(this);
    listenToGroups(this);
    this.line.on("searched-user", ({ Users }) => (this.#found = Users));
    addEventListener("storage", ({ key, newValue }) => {
      if (newValue === null) this.outbox.dropped(key);
      this.changes.tell();
    });
    this.line.open();
  }

  // say puts a message on its way.
  say(chat, content) {
    this.outbox.add(chat.id, chat.kind, content, Date.now());
    this.typing.stop();
    this.sender.send(chat.id);
    this.changes.tell();
  }

  // sendFiles puts what is in the tray on its way, each file as a message of its own and in their
  // order. The text goes with the first.
  async sendFiles(chat, text) {
    const items = this.tray.take(chat.id);
    this.typing.stop();
    const known = await Promise.all(items.map((item) => item.about));
    items.forEach(({ file, name, size }, i) => {
      const { type, width = 0, height = 0, duration = 0 } = known[i];
      const attachment = { type, url: "", thumb: "", name, size, width, height, duration, caption: i === 0 ? text : "" };
      const entry = this.outbox.attach(chat.id, chat.kind, attachment.caption, Date.now(), attachment);
      this.uploads.add(entry, file, known[i]);
    });
    this.uploads.run(chat.id);
    this.changes.tell();
  }

  retry(clientId, chat) {
    this.outbox.retry(clientId, Date.now());
    this.sender.send(chat);
    this.uploads.run(chat);
    this.changes.tell();
  }

  // discard gives a message up that is not sent, and its file.
  discard(clientId) {
    this.outbox.done(clientId);
    this.uploads.drop(clientId);
    this.changes.tell();
  }

  // startChat resolves to the id of the chat with somebody, which the server makes if it
  // has to.
  async startChat({ id, name }) {
    if (id === this.chats.me.id) return id;
    const there = this.chats.inOrder().find((chat) => chat.partner === id);
    if (there) return there.id;
    const { ChatId, Partner } = await this.line.ask("create-personal-chat", { Receiver: id });
    this.chats.appear({ id: ChatId, kind: "personal", name: Partner ?? name, partner: id });
    this.changes.tell();
    return ChatId;
  }

  async createGroup(name, description, participants) {
    const { GroupId, Name } = await this.line.ask("create-group-chat", { Name: name, Description: description, Participants: participants });
    this.chats.appear({ id: GroupId, kind: "group", name: Name ?? name });
    this.changes.tell();
    return GroupId;
  }

  // findPeople resolves to who is found. They come in an event before the acknowledgement.
  async findPeople(name) {
    await this.line.ask("search-user", { Name: name, Type: "Search" });
    return this.#found.map((user) => ({ id: user._id, name: user.Name, email: user.Email }));
  }

  async rename(name) {
    const { Name } = await this.line.ask("change-name", { Name: name });
    this.renamed(this.chats.me.id, Name ?? name);
  }

  renamed(user, name) {
    this.chats.rename(user, name);
    for (const timeline of this.history.all()) timeline.rename(user, name);
    this.changes.tell();
  }

  // signOut ends the session and takes what it left in the browser. It resolves to whether
  // the server heard of it.
  signOut() {
    return this.line.part(async () => {
      await this.push.off();
      const { status } = await post("/logout");
      if (status === 0 || status === 429 || status >= 500) return false;
      this.forget();
      return true;
    });
  }

  // forget takes what the browser keeps.
  forget() {
    this.drafts.clear(this.chats.me.id);
    this.outbox.clear();
    this.uploads.clear();
  }

  // gone takes a chat away, and says why if it was not one's own doing.
  gone(id, why) {
    this.chats.remove(id);
    this.history.forget(id);
    for (const { clientId } of this.outbox.of(id)) this.discard(clientId);
    if (why) this.toasts.say(why);
    this.changes.tell();
  }

  #stored(entry, { Id, Seq, Timestamp }) {
    const { id: from, name: sender } = this.chats.me;
    const { chat, content, clientId, attachment } = entry;
    this.uploads.drop(clientId);
    if (!this.chats.get(chat)) return; // it went away meanwhile
    const message = { id: Id, seq: Seq, from, sender, content, attachment, clientId, at: Date.parse(Timestamp) || entry.at };
    this.history.of(chat).own(message);
    this.chats.said(chat, message);
    this.changes.tell();
  }
}

// measure is loaded with the first file that is picked.
async function measure(file) {
  const module = await import("./measure.js").catch(() => undefined);
  return module?.measure(file) ?? { type: "file" };
}
