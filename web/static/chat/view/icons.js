// The few icons, drawn as strokes in the colour of the text around them.
import { html } from "../../vendor/preact.standalone.module.js";

const PATHS = {
  back: "M15 5l-7 7 7 7",
  next: "M9 5l7 7-7 7",
  send: "M4 12l16-8-5 16-3-6z M12 14l8-10",
  group: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z M2.5 20c.4-3.6 3-6 6.500-6s6.100 2.400 6.500 6 M16 4.500a3.500 3.500 0 0 1 0 6.500 M18 14.500c2 .9 3.200 2.900 3.500 5.500",
  settings: "M4 7h9 M17 7h3 M15 5v4 M4 12h3 M11 12h9 M9 10v4 M4 17h9 M17 17h3 M15 15v4",
  info: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z M12 11v5 M12 7.800v.1",
  close: "M6 6l12 12 M18 6L6 18",
  download: "M12 4v11 M7 10.500l5 5 5-5 M5 20h14",
  down: "M6 10l6 6 6-6",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14z M16 16l4.500 4.500",
  note: "M7 4h10v16l-5-4-5 4z",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z M12 8v4.500l3 2",
  tick: "M5 12.500l4.500 4.500L19 7.500",
  ticks: "M2 12.500l4.500 4.500L15.500 7.500 M11 16.500l.5.5L21.500 7.500",
  warning: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z M12 8v5 M12 16v.1",
  clip: "M19.500 11.500l-7.800 7.800a4.700 4.700 0 0 1-6.700-6.700l8.200-8.200a3.100 3.100 0 0 1 4.400 4.400l-8.100 8.100a1.600 1.600 0 0 1-2.200-2.200l7.300-7.300",
  file: "M7 3.500h7l4.500 4.500v12.500h-11.500z M14 3.500v4.500h4.500",
  photo: "M4.500 5h15v14h-15z M4.500 16l4.500-4.500 4 4 2.500-2.500 4 4 M9 9.500v.1",
  play: "M8 5.500l11 6.500-11 6.500z",
  chat: "M5 5h14a1.500 1.500 0 0 1 1.500 1.500v9A1.500 1.500 0 0 1 19 17h-8l-5 4v-4H5a1.500 1.500 0 0 1-1.500-1.500v-9A1.500 1.500 0 0 1 5 5z",
};

export function Icon({ name }) {
  return html`<svg class="icon icon-${name}" viewBox="0 0 24 24" aria-hidden="true"><path d=${PATHS[name]} /></svg>`;
}
