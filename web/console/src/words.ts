const NUMBERS = new Intl.NumberFormat('en');
const FEW = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const TIMES = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const SECONDS = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DATES = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function number(value: number): string {
  return NUMBERS.format(value);
}

export function count(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

/** Of things a second; seldom ones with a digit more. */
export function rate(perSecond: number): string {
  return `${perSecond < 10 ? FEW.format(perSecond) : number(Math.round(perSecond))}/s`;
}

export function bytes(size: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let value = size;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${FEW.format(value)} ${units[unit]}`;
}

/** How long, in one unit. */
export function span(millis: number): string {
  if (millis < MINUTE) return `${Math.max(0, Math.floor(millis / SECOND))} s`;
  if (millis < HOUR) return `${Math.floor(millis / MINUTE)} min`;
  if (millis < 2 * DAY) return `${Math.floor(millis / HOUR)} h`;
  return `${Math.floor(millis / DAY)} d`;
}

export function ago(at: number, now: number): string {
  return now - at < 5 * SECOND ? 'just now' : `${span(now - at)} ago`;
}

/** The time of the day up to a day ago, then the date. */
export function clock(at: number, now: number): string {
  return Math.abs(now - at) < DAY ? TIMES.format(at) : DATES.format(at);
}

export function exactly(at: number, now: number): string {
  return Math.abs(now - at) < DAY ? SECONDS.format(at) : DATES.format(at);
}

/** Enough of a replica's id to tell it from others. */
export function short(replica: string): string {
  return replica.slice(0, 8);
}

export function seqs(first: number | undefined, last: number | undefined): string {
  if (first === undefined || last === undefined) return '';
  return first === last ? `${number(first)}` : `${number(first)}–${number(last)}`;
}
