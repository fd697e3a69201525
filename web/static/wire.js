// What the events look like, so that no other module has to know: how the three kinds
// of chat are named on the wire, and what a message is on each of them.

export const EVENTS = {
  self: { fetch: "fetch-self-chat", fetched: "self-chat", send: "send-self-message" },
  personal: {
    fetch: "fetch-personal-chat",
    fetched: "personal-chat",
    send: "send-personal-message",
    receive: "receive-personal-message",
    read: "read-personal-message",
    wasRead: "read-personal-msg-ack",
  },
  group: {
    fetch: "fetch-group-chat",
    fetched: "group-chat",
    send: "send-group-message",
    receive: "receive-group-message",
    read: "read-group-message",
    wasRead: "read-grp-msg-ack",
  },
};

// place names a chat in a payload.
export function place(chat) {
  switch (chat.kind) {
    case "self":
      return {};
    case "personal":
      return { ChatId: chat.id, Partner: chat.name };
    default:
      return { GroupId: chat.id };
  }
}

// idOf is the chat that an event is about.
export function idOf(event) {
  return event.ChatId ?? event.GroupId;
}

// readMessage makes a message of a fetched or a live one.
export function readMessage(wire, chat, me) {
  const from = wire.SenderId ?? (chat.kind === "self" ? me.id : wire.Sender);
  const readers = Object.entries(wire.ReadStatus ?? {}).filter(([id, state]) => state === "Read" && id !== from);
  return {
    id: wire.Id ?? wire._id,
    seq: wire.Seq,
    mine: from === me.id,
    sender: chat.kind === "group" ? wire.Sender : chat.name,
    content: wire.Content,
    at: new Date(wire.Timestamp ?? Date.now()),
    readers: new Set(readers.map(([id]) => id)),
  };
}

// readDetails is what a fetched group says of itself. Members stand in the order in
// which they joined.
export function readDetails(wire) {
  return {
    name: wire.Name,
    description: wire.Description,
    owner: wire.Admin,
    members: Object.entries(wire.Participants).map(([id, name]) => ({ id, name })),
  };
}
