// Times as the reader writes them.
import { locale, t } from "../../i18n.js";
import { daysBetween, sameDay } from "../model/rows.js";

const DAY = 86_400_000;
const clock = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(locale, { weekday: "short" });
const short = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const dated = new Intl.DateTimeFormat(locale, { day: "numeric", month: "numeric", year: "2-digit" });
const long = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
const longYear = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric" });
const date = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const days = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
const full = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short" });

export const timeOf = (at) => clock.format(at);
export const fullTime = (at) => full.format(at);
export const momentOf = (at) => moment.format(at);

// ago is how long ago something was, to the day, in the middle of a sentence.
export function ago(at, now = Date.now()) {
  const passed = daysBetween(at, now);
  return passed < 7 ? days.format(-passed, "day") : date.format(at);
}

// listTime is as short as it can be told by.
export function listTime(at, now = Date.now()) {
  if (!at) return "";
  if (sameDay(at, now)) return clock.format(at);
  if (now - at < 6 * DAY) return weekday.format(at);
  return thisYear(at, now) ? short.format(at) : dated.format(at);
}

export function dayName(at, now = Date.now()) {
  if (sameDay(at, now)) return t("day.today");
  if (sameDay(at, now - DAY)) return t("day.yesterday");
  return (thisYear(at, now) ? long : longYear).format(at);
}

function thisYear(at, now) {
  return new Date(at).getFullYear() === new Date(now).getFullYear();
}
