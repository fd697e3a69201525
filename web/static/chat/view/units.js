// Sizes and lengths as the reader writes them.
import { locale } from "../../i18n.js";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];
const sizes = UNITS.map((unit) => new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: unit === "byte" ? "long" : "short", maximumFractionDigits: 1 }));
const whole = new Intl.NumberFormat(locale, { useGrouping: false });
const two = new Intl.NumberFormat(locale, { minimumIntegerDigits: 2 });

// sizeOf is a number of bytes in words. Units are of a thousand, as those words mean.
export function sizeOf(bytes) {
  let step = 0;
  for (; step < UNITS.length - 1 && bytes >= 1000; step++) bytes /= 1000;
  return sizes[step].format(bytes);
}

// lengthOf is a number of seconds as players show it, 1:05 or 1:02:05.
export function lengthOf(seconds) {
  const s = Math.round(seconds);
  const minutes = Math.floor(s / 60);
  if (minutes < 60) return `${whole.format(minutes)}:${two.format(s % 60)}`;
  return `${whole.format(Math.floor(minutes / 60))}:${two.format(minutes % 60)}:${two.format(s % 60)}`;
}
