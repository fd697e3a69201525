// What the events look like, so that no other module has to know: how the three kinds of
// chat are named on the wire, and what is a message on each of them.

import { mediaPath, readAttachment } from "../model/media.js";
import { personName } from "../model/people.js";

export const EVENTS = {
  self: { fetch: "fetch-self-chat", send: "send-self-message" },
  personal: { fetch: "fetch-personal-chat", send: "send-personal-message", read: "read-personal-message" },
  group: { fetch: "fetch-group-chat", send: "send-group-message", read: "read-group-message" },
};

// FETCHED are the events that bring what a fetch asked for.
export const FETCHED = ["self-chat", "personal-chat", "group-chat"];

// place names a chat in a payload.
export function place({ kind, id }) {
  if (kind === "self") return {};
  return kind === "personal" ? { ChatId: id } : { GroupId: id };
}

// idOf is the chat that an event is about.
export function idOf(event) {
  return event.ChatId ?? event.GroupId;
}

// readItem makes a chat of an item in the lists.
export function readItem(wire) {
  const item = {
    id: wire.ChatId ?? wire._id,
    name: personName(wire.Partner) ?? wire.Name,
    at: Date.parse(wire.LastChat) || 0,
    unread: wire.Unread,
    seq: wire.Seq ?? 0,
    partner: wire.PartnerId,
    muted: wire.Muted ?? false,
    blocked: wire.Blocked ?? false,
    blockedBy: wire.BlockedBy,
    online: wire.Online,
    picture: readPicture(wire),
  };
  if (wire.ReadSeq !== undefined) item.readSeq = wire.ReadSeq;
  if (wire.PartnerReadSeq !== undefined) item.partnerReadSeq = wire.PartnerReadSeq;
  if (wire.LastMessage) item.last = readLast(wire.LastMessage);
  if (wire.ReadSeq === undefined && wire.Unread === 0) item.readSeq = item.seq;
  return item;
}

// readPicture is the path of a picture, empty for none, and undefined where nothing is said.
export const readPicture = ({ Picture }) => (Picture === undefined ? undefined : mediaPath(Picture));

// readSelf is what a connection's first event says of one's own chat, as far as it does.
export function readSelf(wire) {
  if (!wire) return {};
  const last = wire.LastMessage ? { last: readLast(wire.LastMessage) } : {};
  return { at: Date.parse(wire.LastChat) || 0, seq: wire.Seq ?? 0, ...last };
}

function readLast(wire) {
  const media = readAttachment(wire.Attachment);
  return { content: media ? media.caption : wire.Content, media, sender: personName(wire.Sender), from: wire.SenderId, at: Date.parse(wire.Timestamp), seq: wire.Seq };
}

// readMessage makes a message of a fetched or a live one; of one with a file the text is what
// its sender wrote to it. A personal chat's history has an
// id where its live messages have a name.
export function readMessage(wire, chat, me) {
  const attachment = readAttachment(wire.Attachment);
  const from = wire.SenderId ?? (chat.kind === "self" ? me.id : wire.Sender);
  return {
    id: wire.Id ?? wire._id,
    seq: wire.Seq,
    from,
    sender: from === me.id ? me.name : chat.kind === "group" ? personName(wire.Sender) : chat.name,
    content: attachment ? attachment.caption : wire.Content,
    attachment,
    at: Date.parse(wire.Timestamp) || Date.now(),
  };
}

// readCursors is who has read up to where, from a page of messages.
export function readCursors(messages) {
  const cursors = new Map();
  for (const { SenderId, Seq, ReadStatus } of messages) {
    for (const [user, state] of Object.entries(ReadStatus ?? {})) {
      if (state === "Read" && user !== SenderId) cursors.set(user, Math.max(cursors.get(user) ?? 0, Seq));
    }
  }
  return cursors;
}

// readDetails is what a fetched group says of itself. Members stand in the order in which
// they joined; without their roles only the owner's is known.
export function readDetails(wire) {
  const plain = Object.entries(wire.Participants ?? {}).map(([id, name]) => ({ id, name: personName(name), role: id === wire.Admin ? "owner" : "member" }));
  const members = wire.Members?.map((member) => ({ id: member.Id, name: personName(member.Name), role: member.Role, picture: readPicture(member) }));
  return { description: wire.Description ?? "", owner: wire.Admin, members: members ?? plain };
}
