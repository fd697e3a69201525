// How the page calls for attention when nobody looks at it: the number in its title, the dot
// on its icon, a sound, and the browser's notifications. The last two only on request.
import { t } from "../../i18n.js";

const SOUND = "expresschat.sound";
const NOTIFY = "expresschat.notify";
const icon = (name) => new URL(`../../${name}`, import.meta.url).href;

export class Alerts {
  #session;
  #storage;
  #audio;
  #counted = 0;

  constructor(session) {
    this.#session = session;
    this.#storage = session.storage;
  }

  get sound() {
    return this.#storage.get(SOUND) === "on";
  }

  set sound(on) {
    this.#storage.set(SOUND, on ? "on" : "off");
    if (on) this.#beep();
  }

  get canNotify() {
    return "Notification" in globalThis;
  }

  get notify() {
    return this.canNotify && Notification.permission === "granted" && this.#storage.get(NOTIFY) === "on";
  }

  // askToNotify is for a click, as browsers refuse to ask without one. It resolves to
  // whether there will be notifications.
  async askToNotify(on) {
    if (on && Notification.permission !== "granted") await Notification.requestPermission();
    this.#storage.set(NOTIFY, on ? "on" : "off");
    return this.notify;
  }

  // count shows how many messages are unread.
  count() {
    const unread = this.#session.chats.unread();
    if (unread === this.#counted) return;
    this.#counted = unread;
    document.title = unread ? `(${unread}) ExpressChat` : "ExpressChat";
    document.querySelector("link[rel=icon]").href = icon(unread ? "chat/icon-unread.svg" : "icon.svg");
  }

  // heard is a message of somebody else that just came.
  heard(chat, message) {
    const seen = !document.hidden && location.hash === `#${chat.id}`;
    if (chat.muted || seen) return;
    if (this.sound) this.#beep();
    if (this.notify && document.hidden) this.#show(chat, message);
  }

  #show(chat, message) {
    const body = chat.kind === "group" ? t("notification.group", { sender: message.sender, text: message.content }) : message.content;
    const shown = notification(chat.name, { body: body.slice(0, 200), tag: chat.id, icon: icon("icon.svg") });
    if (!shown) return;
    shown.onclick = () => {
      window.focus();
      location.hash = chat.id;
      shown.close();
    };
  }

  // beep is two short soft tones. A browser that wants a click first would keep them until
  // then, all at once.
  #beep() {
    if (navigator.userActivation?.hasBeenActive === false) return;
    this.#audio ??= new AudioContext();
    this.#audio.resume().catch(() => {});
    const now = this.#audio.currentTime;
    this.#tone(660, now);
    this.#tone(880, now + 0.12);
  }

  #tone(pitch, at) {
    const volume = this.#audio.createGain();
    volume.gain.setValueAtTime(0.08, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.18);
    volume.connect(this.#audio.destination);
    const tone = this.#audio.createOscillator();
    tone.frequency.value = pitch;
    tone.connect(volume);
    tone.start(at);
    tone.stop(at + 0.2);
  }
}

// notification is one that is shown, or nothing: some phones allow them to service workers
// only, and say so by throwing.
function notification(title, options) {
  try {
    return new Notification(title, options);
  } catch {
    return undefined;
  }
}
