// The chat that is open: its messages, what is typed into it, and telling the server
// what was read.
import { byId, notice } from "./dom.js";
import { showBubbles } from "./bubbles.js";
import { Conversation } from "./conversation.js";
import { EVENTS, idOf, place, readMessage } from "./wire.js";

export class Room {
  #connection;
  #chats;
  #chat = null;
  #conversations = new Map(); // by chat id, so that drafts and unsent messages stay

  constructor(connection, chats) {
    this.#connection = connection;
    this.#chats = chats;
    this.#listenToPage();
    for (const [kind, events] of Object.entries(EVENTS)) {
      connection.on(events.fetched, (answer) => this.#fetched(kind, answer));
      if (events.receive) connection.on(events.receive, (message) => this.#receive(message));
      if (events.wasRead) connection.on(events.wasRead, (event) => this.#wasRead(event));
    }
    connection.on("own-message", (message) => this.#receive({ ...message, SenderId: chats.me.id }));
    connection.on("own-read", ({ ChatId, Seq }) => chats.read(ChatId, Seq));
  }

  get chat() {
    return this.#chat;
  }

  // open shows a chat, or none. A chat that is open already is fetched once more.
  open(chat) {
    if (chat !== this.#chat) this.#swap(chat);
    if (!chat) return;
    this.#of(chat).reopen();
    this.#tellRead();
    this.#ask(EVENTS[chat.kind].fetch, place(chat));
  }

  // forget drops what is known of a chat that the user is no longer in.
  forget(id) {
    if (this.#chat?.id === id) {
      this.#swap(null);
      location.hash = "";
    }
    this.#conversations.delete(id);
  }

  // title shows what the list knows of the open chat.
  title() {
    if (!this.#chat) return;
    const { name, details } = this.#chat;
    const people = details?.members.length;
    byId("room-name").textContent = name;
    byId("room-about").textContent = details
      ? [people === 1 ? "1 person" : `${people} people`, details.description].filter(Boolean).join(" · ")
      : "";
    byId("room-details").hidden = !details;
  }

  #swap(chat) {
    const draft = byId("draft");
    if (this.#chat) this.#of(this.#chat).draft = draft.value;
    this.#chat = chat;
    document.body.classList.toggle("in-room", chat !== null);
    byId("room").hidden = chat === null;
    byId("nothing-open").hidden = chat !== null;
    byId("messages").replaceChildren();
    if (!chat) return;
    draft.value = this.#of(chat).draft;
    if (matchMedia("(pointer: fine)").matches) draft.focus();
    this.title();
    this.#show();
  }

  #of(chat) {
    if (!this.#conversations.has(chat.id)) this.#conversations.set(chat.id, new Conversation());
    return this.#conversations.get(chat.id);
  }

  // #show draws the messages. Whoever was at their end stays there, and whoever reads
  // further up keeps the line they are at.
  #show({ older = false } = {}) {
    const log = byId("log");
    const below = log.scrollHeight - log.scrollTop;
    const atEnd = below - log.clientHeight < 60;
    const conversation = this.#of(this.#chat);
    byId("earlier").hidden = !conversation.hasMore;
    showBubbles(byId("messages"), this.#chat, conversation, ({ clientId, content }) => this.#send(clientId, content));
    if (older) log.scrollTop = log.scrollHeight - below;
    else if (atEnd) log.scrollTop = log.scrollHeight;
  }

  #fetched(kind, answer) {
    const id = kind === "self" ? this.#chats.me.id : idOf(answer);
    const chat = this.#chats.get(id);
    if (!chat) return;
    const conversation = this.#of(chat);
    const messages = answer.Messages.map((message) => readMessage(message, chat, this.#chats.me));
    const older = messages.length > 0 && messages[0].seq < conversation.oldest && conversation.oldest !== Infinity;
    conversation.page(messages, answer.HasMore === true);
    if (chat === this.#chat) this.#show({ older });
  }

  #receive(wire) {
    const chat = this.#chats.get(idOf(wire));
    if (!chat) return;
    const message = readMessage(wire, chat, this.#chats.me);
    const open = chat === this.#chat;
    this.#chats.bump(chat.id, { seq: message.seq, at: message.at, unread: !message.mine });
    if (!open) return;
    this.#of(chat).add(message);
    this.#show();
    if (!message.mine) this.#tellRead(message.seq);
  }

  #wasRead(event) {
    const chat = this.#chats.get(idOf(event));
    if (!chat) return;
    const conversation = this.#of(chat);
    conversation.read(event.Reader ?? chat.id, event.Seq ?? conversation.newest);
    if (chat === this.#chat) this.#show();
  }

  // #tellRead says that all up to seq was seen, if somebody is there to see it.
  #tellRead(seq) {
    const chat = this.#chat;
    const event = EVENTS[chat.kind].read;
    if (!event || document.visibilityState !== "visible") return;
    this.#chats.read(chat.id, seq);
    this.#ask(event, { ...place(chat), Seq: seq });
  }

  async #send(clientId, content) {
    const chat = this.#chat;
    const conversation = this.#of(chat);
    const show = () => chat === this.#chat && this.#show();
    conversation.sending(clientId, content);
    show();
    byId("log").scrollTop = byId("log").scrollHeight;
    try {
      const ack = await this.#connection.ask(EVENTS[chat.kind].send, { ...place(chat), Content: content, ClientId: clientId });
      const message = readMessage({ ...ack, Content: content, SenderId: this.#chats.me.id }, chat, this.#chats.me);
      conversation.sent(clientId, message);
      this.#chats.bump(chat.id, { seq: message.seq, at: message.at });
    } catch (error) {
      conversation.failed(clientId, error.message);
    }
    show();
  }

  async #ask(event, payload) {
    try {
      await this.#connection.ask(event, payload);
    } catch (error) {
      notice(error.message);
    }
  }

  #listenToPage() {
    const form = byId("composer");
    const draft = byId("draft");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (draft.value.trim() === "") return;
      this.#send(newClientId(), draft.value);
      draft.value = "";
    });
    draft.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
    byId("earlier").addEventListener("click", () => {
      const { kind } = this.#chat;
      this.#ask(EVENTS[kind].fetch, { ...place(this.#chat), Before: this.#of(this.#chat).oldest });
    });
    document.addEventListener("visibilitychange", () => {
      if (this.#chat?.unread > 0) this.#tellRead();
    });
  }
}

// newClientId names a message before the server does. crypto.randomUUID would do, but
// is there on https and localhost only.
function newClientId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
