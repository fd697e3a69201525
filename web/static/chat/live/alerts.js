// How the page calls for attention when nobody looks at it: the number in its title, the dot
// on its icon, a sound, and the browser's notifications. The last two only on request, which for
// notifications is their user's own: whoever signs in next at this browser has not asked.
import { t } from "../../i18n.js";
import { gist } from "./wording.js";

const SOUND = "expresschat.sound";
const NOTIFY = "expresschat.notify";
const icon = (name) => new URL(`../../${name}`, import.meta.url).href;

export class Alerts {
  #session;
  #storage;
  #audio;
  #counted = 0;
  #renewed = false;

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
    return this.canNotify && Notification.permission === "granted" && this.#storage.get(this.#choice) === "on";
  }

  get #choice() {
    return `${NOTIFY}.${this.#session.chats.me.id}`;
  }

  // afar is whether they also come while no page is open, as far as that is known.
  afar = false;

  // askToNotify is for a click, as browsers refuse to ask without one. It resolves to
  // whether there will be notifications.
  async askToNotify(on) {
    if (on && Notification.permission !== "granted") await Notification.requestPermission();
    this.#storage.set(this.#choice, on ? "on" : "off");
    await this.#reach();
    return this.notify;
  }

  // renew has the server know this browser anew, once a visit.
  renew() {
    if (this.#renewed || !this.#session.ready) return;
    this.#renewed = true;
    if (this.notify) this.#reach();
  }

  async #reach() {
    const { push } = this.#session;
    if (this.notify) this.afar = push.supported && (await push.on());
    else await push.off();
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
    const text = gist({ content: message.content, media: message.attachment });
    const body = chat.kind === "group" ? t("notification.group", { sender: message.sender, text }) : text;
    const options = { body: body.slice(0, 200), tag: chat.id, icon: icon("icon-192.png"), data: { chatId: chat.id } };
    const shown = notification(chat.name, options);
    if (!shown) return void this.#session.push.show(chat.name, options);
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
