// News for a browser that has no page open: the service worker, and the subscription by which the
// server reaches it. There is one only if its user has asked for notifications here.
import { language } from "../../i18n.js";
import { ask } from "../../rest.js";

const WORKER = "/sw.js";
const SUBSCRIPTION = "/push/subscription";

export class Push {
  constructor() {
    if (this.supported) navigator.serviceWorker.addEventListener("message", (event) => this.#answer(event));
  }

  // supported is whether this browser can at all; a page from plain http is offered nothing.
  get supported() {
    return "serviceWorker" in navigator && "PushManager" in globalThis;
  }

  // on subscribes, or says again that there is a subscription, as the server may have lost it. It
  // resolves to whether the server can reach this browser from now on, and never rejects.
  async on() {
    try {
      const { status, key } = await ask("GET", "/push/key");
      if (status !== 200 || !key) return false;
      const registration = await this.#registered();
      const subscription = await subscribe(registration.pushManager, key);
      return (await ask("POST", SUBSCRIPTION, subscription.toJSON())).success === 1;
    } catch {
      return false; // there is no push service, or it is out of reach
    }
  }

  // off ends the subscription, here and at the server. It never rejects.
  async off() {
    try {
      const subscription = await (await this.#registration())?.pushManager.getSubscription();
      if (!subscription) return;
      await ask("DELETE", SUBSCRIPTION, { endpoint: subscription.endpoint });
      await subscription.unsubscribe();
    } catch {
      // One that can't be ended here, the server ends when it finds nobody there.
    }
  }

  // show is for browsers that leave notifications to service workers.
  async show(title, options) {
    await (await this.#registration())?.showNotification(title, options);
  }

  // registered is the worker, in the language of this page: it has no other way to know it.
  async #registered() {
    await navigator.serviceWorker.register(`${WORKER}?language=${language}`, { scope: "/" });
    return navigator.serviceWorker.ready;
  }

  async #registration() {
    return this.supported ? navigator.serviceWorker.getRegistration("/") : undefined;
  }

  // answer tells the worker which chat one looks at, or opens the one that it was clicked for.
  #answer({ data, ports }) {
    if (data?.ask === "looking") ports[0]?.postMessage(document.hidden ? "" : location.hash.slice(1));
    if (data?.open) location.hash = data.open;
  }
}

// subscribe is the subscription with the server's key, the one that there is if it is with that.
async function subscribe(manager, key) {
  const wanted = bytes(key);
  const there = await manager.getSubscription();
  const has = there?.options?.applicationServerKey;
  if (has && same(new Uint8Array(has), wanted)) return there;
  await there?.unsubscribe();
  return manager.subscribe({ userVisibleOnly: true, applicationServerKey: wanted });
}

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);
