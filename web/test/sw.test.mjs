import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { MessageChannel } from "node:worker_threads";
import vm from "node:vm";

const source = readFileSync(new URL("../static/sw.js", import.meta.url), "utf8");

// worker is the service worker in a browser of its own, with these pages open: {url, visible, shows}.
function worker({ language = "en", pages = [], subscribe } = {}) {
  const seen = { shown: [], opened: [], sent: [], focused: [], said: [] };
  const heard = {};
  const clients = pages.map((page) => ({
    url: page.url,
    visibilityState: page.visible ? "visible" : "hidden",
    postMessage: (data, [port] = []) => {
      seen.said.push(data);
      if (port) Promise.resolve(page.shows).then((chat) => (port.postMessage(chat), port.close()));
    },
    focus: async () => seen.focused.push(page.url),
  }));
  const self = {
    location: { href: `https://chat.example.org/sw.js?language=${language}` },
    addEventListener: (type, listener) => (heard[type] = listener),
    skipWaiting() {},
    clients: { claim() {}, matchAll: async () => clients, openWindow: async (url) => seen.opened.push(url) },
    registration: { showNotification: async (title, options) => seen.shown.push({ title, ...options }), pushManager: { subscribe } },
  };
  const fetch = async (path, { method, body }) => seen.sent.push([method, path, JSON.parse(body)]);
  class Channel extends MessageChannel {}
  vm.runInNewContext(source, { self, URL, fetch, MessageChannel: Channel, setTimeout: (act, wait) => setTimeout(act, wait).unref() });
  const happens = async (type, event) => {
    let done;
    heard[type]({ ...event, waitUntil: (promise) => (done = promise) });
    await done;
    return seen;
  };
  const push = (payload) => happens("push", { data: { json: () => JSON.parse(JSON.stringify(payload)) } });
  return { happens, push };
}

const payload = { title: "Ana", body: "hello", chatId: "c1", kind: "personal", id: "m1" };
const chat = "https://chat.example.org/";

test("a push is one notification a chat, with what was said", async () => {
  const { shown } = await worker().push(payload);
  assert.equal(shown.length, 1);
  assert.deepEqual([shown[0].title, shown[0].body, shown[0].tag, shown[0].data.chatId], ["Ana", "hello", "c1", "c1"]);
});

test("what the server keeps to itself is worded, in the language of the page", async () => {
  const body = async (language, text) => (await worker({ language }).push({ ...payload, body: text })).shown[0].body;
  assert.equal(await body("en", ""), "New message");
  assert.equal(await body("ar", ""), "رسالة جديدة");
  assert.equal(await body("ar", "[image] a.jpg"), "🖼 صورة");
  assert.equal(await body("en", "Ben: [voice]"), "Ben: 🎤 Voice message");
  assert.equal(await body("en", "see [image]"), "see [image]");
  assert.equal(await body("xx", ""), "New message");
});

test("a push that is not ours to read still shows", async () => {
  const { shown } = await worker().happens("push", { data: null });
  assert.deepEqual([shown[0].title, shown[0].body], ["ExpressChat", "New message"]);
  const odd = (await worker().push({ title: {}, body: 7, chatId: [] })).shown[0];
  assert.deepEqual([odd.title, odd.body, odd.tag], ["ExpressChat", "New message", ""]);
});

test("whoever looks at the chat gets none, and everybody else does", async () => {
  const shown = async (...pages) => (await worker({ pages }).push(payload)).shown.length;
  assert.equal(await shown({ url: `${chat}#c1`, visible: true, shows: "c1" }), 0);
  assert.equal(await shown({ url: `${chat}#c1`, visible: true, shows: "c2" }), 1, "the page has moved on");
  assert.equal(await shown({ url: `${chat}#c1`, visible: false, shows: "c1" }), 1);
  assert.equal(await shown({ url: `${chat}auth`, visible: true, shows: "c1" }), 1);
});

test("the newest of a chat stays, though a page answers late for the one before", async () => {
  let answer;
  const answers = [new Promise((done) => (answer = done)), ""];
  const page = { url: chat, visible: true, get shows() { return answers.shift(); } };
  const { push } = worker({ pages: [page] });
  const both = ["first", "second"].map((body) => push({ ...payload, body }));
  for (let turns = 0; turns < 50; turns++) await new Promise(setImmediate); // more than the second needs alone
  answer("");
  const [{ shown }] = await Promise.all(both);
  assert.deepEqual(shown.map(({ body }) => body), ["first", "second"]);
});

test("a click goes to the page that is there, or opens one at the chat", async () => {
  const notification = { close() {}, data: { chatId: "c1" } };
  const there = await worker({ pages: [{ url: `${chat}auth` }, { url: `${chat}#c2` }] }).happens("notificationclick", { notification });
  assert.deepEqual([there.focused, there.opened, there.said.length, there.said[0].open], [[`${chat}#c2`], [], 1, "c1"]);
  const away = await worker({ pages: [{ url: `${chat}auth` }] }).happens("notificationclick", { notification });
  assert.deepEqual(away.opened, ["/#c1"]);
});

test("a subscription that ended is renewed, and the old one taken back", async () => {
  const renewed = { endpoint: "https://push.example/new", toJSON: () => ({ endpoint: "https://push.example/new" }) };
  const options = { applicationServerKey: "k" };
  const { sent } = await worker({ subscribe: async () => renewed }).happens("pushsubscriptionchange", { oldSubscription: { endpoint: "https://push.example/old", options } });
  assert.deepEqual(sent, [
    ["POST", "/push/subscription", { endpoint: "https://push.example/new" }],
    ["DELETE", "/push/subscription", { endpoint: "https://push.example/old" }],
  ]);
});

test("it answers no request, so nothing is kept of a page", () => {
  assert.ok(!/"fetch"|caches/.test(source));
});

test("it has its words in every language", async () => {
  const page = readFileSync(new URL("../static/i18n.js", import.meta.url), "utf8");
  const [, languages] = page.match(/LANGUAGES = \{([^}]+)\}/);
  for (const [, language] of languages.matchAll(/(\w+):/g)) assert.match(source, new RegExp(`^  ${language}: \\{ message:`, "m"));
});
