// What the server tells of chats, messages and people.
import { personName } from "../model/people.js";
import { TRUST } from "./typing.js";
import { FETCHED, idOf, readItem, readMessage, readPicture, readSelf } from "./wire.js";

export function listen(session) {
  connections(session);
  lists(session);
  newChats(session);
  messages(session);
  reads(session);
  people(session);
}

function connections(session) {
  const { line, history, changes } = session;
  line.on("disconnect", () => {
    session.online = false;
    history.interrupted();
    changes.tell();
  });
}

// The lists come with every connect, in this order. Behind the last one, what was missed is
// fetched and what is not sent yet goes out.
function lists(session) {
  const { line, chats, history, outbox, sender, changes } = session;
  const replace = (kind, items) => {
    for (const id of chats.replace(kind, items.map((item) => readItem(item)))) session.gone(id);
  };
  line.on("user-id", (event) => {
    const { userId, userName, Self } = event;
    if (!line.online) return; // it is another one's
    session.online = true;
    chats.identify(userId, userName, readSelf(Self));
    chats.pictured(userId, readPicture(event));
    outbox.load(userId);
  });
  line.on("personal-chat-list", ({ PersonalChatList }) => replace("personal", PersonalChatList));
  line.on("group-chat-list", ({ GroupChatList }) => {
    replace("group", GroupChatList);
    session.ready = true;
    sender.all();
    history.catchUp();
    changes.tell();
  });
  for (const event of FETCHED) line.on(event, (page) => history.fetched(page));
}

function newChats({ line, chats, changes }) {
  const personal = (event) => {
    const { ChatId, Partner, PartnerId, Exists } = event;
    if (Exists === 0) return;
    chats.pictured(PartnerId, readPicture(event));
    chats.appear({ id: ChatId, kind: "personal", name: personName(Partner), partner: PartnerId });
    changes.tell();
  };
  const group = (event) => {
    const { GroupId, Name, Seq } = event;
    chats.pictured(GroupId, readPicture(event));
    chats.appear({ id: GroupId, kind: "group", name: Name, seq: Seq ?? 0 });
    changes.tell();
  };
  line.on("create-personal-chat-creator", personal);
  line.on("create-personal-chat-partner", personal);
  line.on("create-chat-result", personal);
  line.on("create-group-chat-creator", group);
  line.on("create-group-chat-receiver", group);
}

function messages(session) {
  const { line, chats, history, outbox, changes } = session;
  const receive = (event) => {
    const chat = chats.get(idOf(event));
    if (!chat) return;
    const message = readMessage(event, chat, chats.me);
    history.of(chat.id).live(message);
    if (chats.said(chat.id, message)) session.heard(chat, message);
    changes.tell();
  };
  line.on("receive-personal-message", receive);
  line.on("receive-group-message", receive);
  line.on("own-message", (event) => {
    const chat = chats.get(idOf(event));
    if (!chat) return;
    const mine = event.ClientId ? outbox.done(event.ClientId) : undefined;
    if (mine) session.uploads.drop(mine.clientId);
    const message = { ...readMessage({ ...event, SenderId: chats.me.id }, chat, chats.me), clientId: mine?.clientId };
    history.of(chat.id).live(message);
    chats.said(chat.id, message);
    changes.tell();
  });
}

function reads({ line, chats, history, changes }) {
  line.on("read-personal-msg-ack", (event) => {
    const chat = chats.get(event.ChatId);
    if (!chat) return;
    chat.partnerReadSeq = Math.max(chat.partnerReadSeq ?? 0, event.Seq ?? chat.seq);
    history.of(chat.id).readBy(event.Reader ?? chat.partner, event.Seq);
    changes.tell();
  });
  line.on("read-grp-msg-ack", (event) => {
    history.of(idOf(event)).readBy(event.Reader, event.Seq);
    changes.tell();
  });
  line.on("own-read", ({ ChatId, Seq }) => {
    chats.readTo(ChatId, Seq);
    changes.tell();
  });
}

function people(session) {
  const { line, chats, changes } = session;
  line.on("presence", ({ Users }) => {
    chats.present(Users);
    changes.tell();
  });
  line.on("presence-changed", ({ User, Online }) => {
    chats.presence(User, Online);
    changes.tell();
  });
  line.on("user-typing", (event) => {
    if (event.User === chats.me.id) return;
    chats.typing(idOf(event), event.User, event.Name, event.Status, Date.now() + TRUST);
    setTimeout(changes.tell, TRUST + 50);
    changes.tell();
  });
  line.on("name-changed", (event) => {
    chats.pictured(event.User, readPicture(event));
    session.renamed(event.User, personName(event.Name));
  });
  line.on("block-changed", ({ ChatId, By, Blocked }) => {
    chats.update(ChatId, { blocked: Blocked, blockedBy: By });
    changes.tell();
  });
  line.on("chat-error", (error) => session.toasts.fail(error));
}
