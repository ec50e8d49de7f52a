/** Instants in words, by the language and the time zone of the browser. */
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const DAY_AND_YEAR = new Intl.DateTimeFormat(undefined, { dateStyle: "long" });
const AGO = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "narrow" });
const DAYS_AGO = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY_LONG = 24 * HOUR;

export function inFull(instant: string): string {
  return FULL.format(new Date(instant));
}

export function clockOf(instant: string | number): string {
  return CLOCK.format(new Date(instant));
}

/** How long ago, shortly. */
export function ageOf(instant: string, now: number): string {
  const age = Math.max(0, now - Date.parse(instant));
  if (age < HOUR) return AGO.format(-Math.floor(age / MINUTE), "minute");
  if (age < DAY_LONG) return AGO.format(-Math.floor(age / HOUR), "hour");
  return AGO.format(-Math.floor(age / DAY_LONG), "day");
}

/** The day as a person calls it: today, yesterday, or its date. */
export function dayOf(instant: string, now: number): string {
  const day = new Date(instant);
  const passed = Math.round((new Date(now).setHours(0, 0, 0, 0) - new Date(day).setHours(0, 0, 0, 0)) / DAY_LONG);
  if (passed <= 1) return inCapitals(DAYS_AGO.format(-Math.max(0, passed), "day"));
  return (day.getFullYear() === new Date(now).getFullYear() ? DAY : DAY_AND_YEAR).format(day);
}

function inCapitals(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
