// The chat page: what the server tells, the address's fragment and the parts of the
// page come together here. The fragment names the chat that is open.
import { Chats } from "./chats.js";
import { Connection } from "./connection.js";
import { byId, notice } from "./dom.js";
import { createGroups, GroupDialog } from "./group.js";
import { findPeople } from "./people.js";
import { post } from "./rest.js";
import { Room } from "./room.js";
import { showChats } from "./sidebar.js";
import { idOf, readDetails } from "./wire.js";

const connection = new Connection();
const chats = new Chats(() => {
  showChats(chats, room.chat?.id);
  room.title();
});
const room = new Room(connection, chats);
const groupDialog = new GroupDialog(connection, chats);

// follow opens the chat that the fragment names.
function follow() {
  room.open(chats.get(location.hash.slice(1)) ?? null);
  showChats(chats, room.chat?.id);
}

function goTo(id) {
  if (location.hash === `#${id}`) follow();
  else location.hash = id;
}

// startChat opens the chat with somebody. The server makes it if it has to.
async function startChat({ id, name }) {
  if (id === chats.me.id) {
    goTo(id);
    return;
  }
  try {
    await connection.ask("create-personal-chat", { Receiver: id, Partner: name, UserName: chats.me.name });
  } catch (error) {
    notice(error.message);
  }
}

// gone takes a group off the page.
function gone(id, why) {
  groupDialog.close(id);
  room.forget(id);
  chats.remove(id);
  if (why) notice(why);
}

// refresh fetches what changed of the open group: its people, and none of its messages,
// as there are none before the first.
function refresh(id) {
  if (room.chat?.id !== id) return;
  connection.ask("fetch-group-chat", { GroupId: id, Before: 1 }).catch((error) => notice(error.message));
}

// The lists come with every connect, in this order.
connection.on("user-id", ({ userId, userName }) => chats.identify(userId, userName));
connection.on("personal-chat-list", ({ PersonalChatList }) => {
  chats.replace("personal", PersonalChatList.map((chat) => listed(chat, chat.Partner)));
});
connection.on("group-chat-list", ({ GroupChatList }) => {
  chats.replace("group", GroupChatList.map((chat) => listed(chat, chat.Name)));
  follow();
});

function listed(chat, name) {
  return { id: chat._id, name, last: new Date(chat.LastChat), unread: chat.Unread };
}

// Chats that are new.
function appear(kind, id, name, open) {
  chats.add(kind, id, name);
  if (open) goTo(id);
}
connection.on("create-personal-chat-creator", ({ ChatId, Partner }) => appear("personal", ChatId, Partner, true));
connection.on("create-personal-chat-partner", ({ ChatId, Partner }) => appear("personal", ChatId, Partner, false));
connection.on("create-chat-result", ({ Exists, ChatId, Partner }) => Exists === 1 && appear("personal", ChatId, Partner, true));
connection.on("create-group-chat-creator", ({ GroupId, Name }) => appear("group", GroupId, Name, true));
connection.on("create-group-chat-receiver", ({ GroupId, Name }) => appear("group", GroupId, Name, false));

// Groups that change.
connection.on("group-chat", (event) => {
  chats.detail(idOf(event), readDetails(event));
  groupDialog.show();
});
for (const changed of [
  "add-member-success",
  "kickout-successful",
  "someone-kicked-out",
  "change-admin-success-creator",
  "change-admin-success-receiver",
  "user-left-grp",
]) {
  connection.on(changed, (event) => refresh(idOf(event)));
}

// Groups that end, for everybody or for this user.
connection.on("kicked-out", ({ GroupId, GroupName }) => gone(GroupId, `You were removed from ${GroupName}.`));
connection.on("group-left-success", ({ GroupId }) => gone(GroupId));
connection.on("delete-group-chat-creator", ({ GroupId }) => gone(GroupId));
connection.on("delete-grp-success-receiver", ({ GroupId }) => {
  gone(GroupId, `${chats.get(GroupId)?.name ?? "A group"} was deleted.`);
});
connection.on("chat-error", ({ message }) => notice(message));

createGroups(connection, chats);
findPeople(connection, { input: byId("find"), list: byId("found"), type: "Search", pick: startChat });
byId("room-details").addEventListener("click", () => groupDialog.open(room.chat.id));
for (const button of document.querySelectorAll("[data-close]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}
byId("sign-out").addEventListener("click", async () => {
  const { status, message } = await post("/logout");
  if (status === 200) location.assign("/auth");
  else notice(message);
});
addEventListener("hashchange", follow);
connection.open();
