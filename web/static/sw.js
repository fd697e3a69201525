// The service worker: it shows what the server pushes to a browser that has no page open. It
// answers no request and keeps nothing, so pages are always the server's.

const ICON = "/static/icon-192.png";
const SUBSCRIPTION = "/push/subscription";
// How long an open page may take to say what it shows, in milliseconds.
const PATIENCE = 1_000;

// What stands for a message whose content the server keeps to itself, and for one that is a file
// and nothing else.
const WORDS = {
  en: { message: "New message", image: "🖼 Photo", voice: "🎤 Voice message", video: "🎬 Video", file: "📎 File" },
  ar: { message: "رسالة جديدة", image: "🖼 صورة", voice: "🎤 رسالة صوتية", video: "🎬 فيديو", file: "📎 ملف" },
};
const words = WORDS[new URL(self.location.href).searchParams.get("language")] ?? WORDS.en;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("push", (event) => event.waitUntil(inTurn(read(event.data))));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.chatId ?? ""));
});
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));

function read(data) {
  try {
    const { title, body, chatId, kind, id } = data.json();
    return { title: text(title) || "ExpressChat", body: worded(text(body)), chatId: text(chatId), kind, id };
  } catch {
    return { title: "ExpressChat", body: words.message, chatId: "" };
  }
}

const text = (value) => (typeof value === "string" ? value : "");

// worded is a body in the reader's language, as far as it is not what somebody wrote.
function worded(body) {
  if (body === "") return words.message;
  return body.replace(/(^|: )\[(image|voice|video|file)\](?: .*)?$/s, (_, before, type) => before + words[type]);
}

// Notifications are shown in the order of their pushes: which chats somebody looks at may be told
// later for the first, and the newest of a chat is to stay.
let turn = Promise.resolve();

function inTurn(notification) {
  const mine = turn.then(() => show(notification));
  turn = mine.catch(() => {});
  return mine;
}

// show shows one notification a chat, the newest. Whoever looks at the chat needs none.
async function show({ title, body, chatId, kind, id }) {
  if (chatId && (await looking()).includes(chatId)) return;
  const dir = "auto";
  await self.registration.showNotification(title, { body, dir, icon: ICON, tag: chatId, renotify: chatId !== "", data: { chatId, kind, id } });
}

const pages = () => self.clients.matchAll({ type: "window", includeUncontrolled: true });
const isChat = ({ url }) => new URL(url).pathname === "/";

// looking are the chats that somebody has before their eyes. Pages say it themselves, as what
// a worker knows of their address is not what they have moved on to.
async function looking() {
  const visible = (await pages()).filter((page) => isChat(page) && page.visibilityState === "visible");
  return Promise.all(visible.map(asked));
}

function asked(page) {
  return new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => done(data);
    setTimeout(done, PATIENCE);
    page.postMessage({ ask: "looking" }, [port2]);
  });
}

async function open(chatId) {
  const there = (await pages()).find(isChat);
  if (!there) return self.clients.openWindow(`/#${encodeURIComponent(chatId)}`);
  there.postMessage({ open: chatId });
  return there.focus();
}

// renew is for a subscription that its push service has ended.
async function renew({ oldSubscription, newSubscription }) {
  const key = oldSubscription?.options.applicationServerKey;
  const renewed = newSubscription ?? (key && (await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })));
  if (renewed) await tell("POST", renewed.toJSON());
  if (oldSubscription && oldSubscription.endpoint !== renewed?.endpoint) await tell("DELETE", { endpoint: oldSubscription.endpoint });
}

function tell(method, body) {
  return fetch(SUBSCRIPTION, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}
