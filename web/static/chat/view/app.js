// The page: the list at one side, the open chat at the other, dialogs above both. The
// fragment of the address names the chat that is open, so the browser's back button works.
import { t } from "../../i18n.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "../../vendor/preact.standalone.module.js";
import { Icon } from "./icons.js";
import { Room } from "./room.js";
import { Sidebar } from "./sidebar.js";

// DIALOGS are loaded when they are first opened: who comes to talk needs none of them.
const DIALOGS = {
  "new-group": () => import("./newgroup.js").then(({ NewGroup }) => NewGroup),
  settings: () => import("./settings.js").then(({ Settings }) => Settings),
  details: () => import("./details.js").then(({ GroupDetails }) => GroupDetails),
};

export function App({ session, alerts }) {
  useNews(session);
  const open = useFragment();
  const [dialog, setDialog] = useState();
  const chat = session.chats.get(open);
  useMissing(session, open, chat);
  useReturn(open);
  const alone = useNarrow() && !open;
  const close = () => setDialog(undefined);
  useEffect(close, [open]);
  return html`
    <div class="app ${open ? "in-room" : ""}">
      <${Banner} session=${session} />
      <div class="side" role=${alone ? "main" : undefined}><${Sidebar} session=${session} open=${open} show=${setDialog} /></div>
      <main class="room" aria-label=${t("room.label")}>
        ${chat ? html`<${Room} key=${chat.id} session=${session} chat=${chat} show=${setDialog} />` : html`<${Nothing} session=${session} />`}
      </main>
      ${dialog && (dialog !== "details" || chat?.kind === "group") && html`<${Opened} key=${dialog} name=${dialog} session=${session} alerts=${alerts} chat=${chat} close=${close} />`}
      <${Toasts} session=${session} />
    </div>`;
}

// Opened is a dialog as soon as it is loaded.
function Opened({ name, ...props }) {
  const [Shown, setShown] = useState();
  useEffect(() => {
    let left = false;
    const fail = () => {
      props.session.toasts.say(t("error.offline"));
      props.close();
    };
    DIALOGS[name]().then((made) => left || setShown(() => made), () => left || fail());
    return () => (left = true);
  }, []);
  return Shown ? html`<${Shown} ...${props} />` : null;
}

function Banner({ session }) {
  const text = session.online ? "" : t(session.ready ? "offline.banner" : "offline.connecting");
  return html`<p class="banner" role="status">${text}</p>`;
}

function Nothing({ session }) {
  if (!session.ready) return null;
  return html`<div class="nothing"><${Icon} name="chat" /><p>${t("room.none")}</p></div>`;
}

function Toasts({ session }) {
  const { toasts } = session;
  return html`
    <div class="toasts" role="status">
      ${toasts.list.map(
        ({ id, text }) => html`
          <p class="toast" key=${id}>
            <span dir="auto">${text}</span>
            <button class="bare" aria-label=${t("close")} title=${t("close")} onClick=${() => toasts.close(id)}><${Icon} name="close" /></button>
          </p>`,
      )}
    </div>`;
}

// useNews draws again whenever the session has news.
function useNews(session) {
  const [, draw] = useState(0);
  useLayoutEffect(() => session.changes.subscribe(() => draw((n) => n + 1)), [session]);
}

function useFragment() {
  const [open, setOpen] = useState(fragment);
  useEffect(() => {
    const follow = () => setOpen(fragment());
    addEventListener("hashchange", follow);
    addEventListener("popstate", follow);
    return () => {
      removeEventListener("hashchange", follow);
      removeEventListener("popstate", follow);
    };
  }, []);
  return open;
}

const fragment = () => location.hash.slice(1) || undefined;

// useNarrow is whether there is room for one pane only, as the stylesheet has it. The list is
// then what the page is about, until a chat is open.
function useNarrow() {
  const width = useRef(matchMedia("(max-width: 44rem)")).current;
  const [narrow, setNarrow] = useState(width.matches);
  useEffect(() => {
    const follow = () => setNarrow(width.matches);
    width.addEventListener("change", follow);
    return () => width.removeEventListener("change", follow);
  }, []);
  return narrow;
}

// useMissing leaves a chat that is not there, or not any more. One that was never here needs
// a word; what ended while it was open has had one.
function useMissing(session, open, chat) {
  const seen = useRef();
  useEffect(() => {
    if (chat) seen.current = chat.id;
    // Asked for now, as the lists may have come since the drawing.
    if (!open || !session.ready || session.chats.get(open)) return;
    if (seen.current !== open) session.toasts.say(t("gone.unknown"));
    history.replaceState(null, "", location.pathname);
    dispatchEvent(new HashChangeEvent("hashchange"));
  });
}

// useReturn puts the focus back on a chat in the list when one leaves it.
function useReturn(open) {
  const before = useRef();
  useEffect(() => {
    const left = before.current;
    before.current = open;
    if (left && !open) document.querySelector(`a[data-chat="${CSS.escape(left)}"]`)?.focus();
  }, [open]);
}
