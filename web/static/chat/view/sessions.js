// Where one is signed in, and the end of that.
import { t } from "../../i18n.js";
import { html, useEffect, useRef, useState } from "../../vendor/preact.standalone.module.js";
import { endSessions, listSessions } from "../live/account.js";
import { Dialog } from "./dialog.js";
import { ago, momentOf } from "./times.js";

export function Sessions({ close }) {
  const [list, setList] = useState([]);
  const [busy, setBusy] = useState(true);
  const [said, setSaid] = useState({});
  const place = useRef();
  const others = list.filter(({ current }) => !current);

  const load = async () => {
    const { sessions, problem, values } = await listSessions();
    if (sessions) setList(sessions);
    if (problem) setSaid({ wrong: t(problem, values) });
    setBusy(false);
  };
  useEffect(() => void load(), []);

  // The button that was pressed goes, and the focus would with it.
  const end = async (sessions) => {
    if (busy) return;
    setBusy(true);
    const { problem, values, over } = await endSessions(sessions);
    if (over) return;
    setSaid(problem ? { wrong: t(problem, values) } : { done: t("sessions.ended") });
    place.current?.focus();
    await load();
  };
  return html`
    <${Dialog} title=${t("account.sessions")} close=${close}>
      <p class="faint">${t("sessions.about")}</p>
      <ul class="sessions" ref=${place} tabindex="-1" aria-label=${t("account.sessions")} aria-busy=${busy}>
        ${list.map((session) => html`<${Place} key=${session.id} session=${session} end=${() => end([session])} busy=${busy} />`)}
      </ul>
      <p class=${said.wrong ? "error" : "done"} role="status">${said.wrong ?? said.done}</p>
      ${others.length > 0 && html`
        <footer class="apart"><button type="button" class="danger" aria-disabled=${busy} onClick=${() => end(others)}>${t("sessions.endOthers")}</button></footer>`}
    <//>`;
}

function Place({ session: { id, kind, since, used, current }, end, busy }) {
  const times = t("sessions.times", { since: momentOf(since), used: ago(used) });
  return html`
    <li data-session=${id}>
      <div>
        <p>${t(`sessions.kind.${kind}`)}${current && html` <small class="role">${t("sessions.this")}</small>`}</p>
        <p class="faint">${times}</p>
      </div>
      ${!current && html`<button type="button" class="quiet danger" aria-disabled=${busy} aria-label=${t("sessions.end.label", { what: t(`sessions.kind.${kind}`), times })} onClick=${end}>${t("sessions.end")}</button>`}
    </li>`;
}
