import { useWidth } from './parts.js';
import type { Sample } from './watch.js';
import { clock, exactly, number } from './words.js';

export interface Line {
  name: string;
  /** Per sample; undefined where it is not known. */
  values: (number | undefined)[];
}

interface Fault {
  name: string;
  from: number;
  to: number;
}

const HEIGHT = 200;
const LEFT = 56;
const RIGHT = 92;
const TOP = 12;
const BOTTOM = 24;

/** Lines over time from zero, each named at its end; times at which something was wrong are shaded and named. */
export function Plot({ label, samples, lines, words }: { label: string; samples: readonly Sample[]; lines: Line[]; words: (value: number) => string }) {
  const [frame, width] = useWidth();
  return (
    <div class="plot" ref={frame}>
      {width > 0 && <Axes label={label} samples={samples} lines={lines} words={words} width={width} />}
    </div>
  );
}

function Axes({ label, samples, lines, words, width }: { label: string; samples: readonly Sample[]; lines: Line[]; words: (value: number) => string; width: number }) {
  const first = samples[0]?.at ?? 0;
  const last = samples.at(-1)?.at ?? first;
  const most = nice(Math.max(1, ...lines.flatMap(({ values }) => values.map((value) => value ?? 0))));
  const right = width - RIGHT;
  const x = (at: number): number => (last === first ? right : LEFT + ((at - first) / (last - first)) * (right - LEFT));
  const y = (value: number): number => HEIGHT - BOTTOM - (value / most) * (HEIGHT - TOP - BOTTOM);
  const ends = apart(lines.map(({ values }) => y(lastKnown(values) ?? 0)));
  return (
    <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={label}>
      {faults(samples).map((fault) => (
        <g key={fault.from} class="fault">
          <rect x={x(fault.from)} y={TOP} width={Math.max(2, x(fault.to) - x(fault.from))} height={HEIGHT - TOP - BOTTOM} />
          <text x={Math.min(x(fault.from) + 4, right - 60)} y={TOP + 12}>
            {fault.name}
          </text>
        </g>
      ))}
      {[0, most / 2, most].map((value) => (
        <g key={value} class="grid">
          <line x1={LEFT} y1={y(value)} x2={right} y2={y(value)} />
          <text class="end" x={LEFT - 6} y={y(value) + 4}>
            {number(value)}
          </text>
        </g>
      ))}
      <text class="time" x={LEFT} y={HEIGHT - 6}>
        {time(first, last - first, last)}
      </text>
      <text class="time end" x={right} y={HEIGHT - 6}>
        {time(last, last - first, last)}
      </text>
      {lines.map(({ name, values }, index) => (
        <g key={name} class={`series series-${index}`}>
          <path d={path(samples, values, x, y)} />
          <text x={right + 6} y={(ends[index] ?? 0) + 4}>
            {name}
          </text>
          <text x={right + 6} y={(ends[index] ?? 0) + 20} class="value">
            {valueWords(values.at(-1), words)}
          </text>
        </g>
      ))}
    </svg>
  );
}

/** To the second where the minute says nothing. */
function time(at: number, over: number, now: number): string {
  return over < 10 * 60_000 ? exactly(at, now) : clock(at, now);
}

/** Names that would stand upon each other are moved apart, in their order. */
function apart(places: number[]): number[] {
  const order = places.map((_, index) => index).sort((a, b) => (places[a] as number) - (places[b] as number));
  const moved = [...places];
  const ROOM = 36;
  let lowest = HEIGHT - BOTTOM - 20;
  for (const index of order.reverse()) {
    moved[index] = Math.max(TOP, Math.min(moved[index] as number, lowest));
    lowest = (moved[index] as number) - ROOM;
  }
  return moved;
}

function valueWords(value: number | undefined, words: (value: number) => string): string {
  return value === undefined ? 'not known' : words(value);
}

function lastKnown(values: (number | undefined)[]): number | undefined {
  return values.findLast((value) => value !== undefined);
}

function path(samples: readonly Sample[], values: (number | undefined)[], x: (at: number) => number, y: (value: number) => number): string {
  let drawn = '';
  let pen = false;
  for (const [index, { at }] of samples.entries()) {
    const value = values[index];
    if (value !== undefined) drawn += `${pen ? 'L' : 'M'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = value !== undefined;
  }
  return drawn;
}

function faults(samples: readonly Sample[]): Fault[] {
  const found: Fault[] = [];
  for (const { at, fault } of samples) {
    const last = found.at(-1);
    if (last !== undefined && last.to === Infinity) {
      if (last.name === fault) continue;
      last.to = at;
    }
    if (fault !== undefined) found.push({ name: fault, from: at, to: Infinity });
  }
  const last = found.at(-1);
  if (last?.to === Infinity) last.to = samples.at(-1)?.at ?? last.from;
  return found;
}

/** The next of 1, 2, 5, 10 and so on. */
function nice(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  for (const step of [1, 2, 4, 6, 10]) if (step * power >= value) return step * power;
  return 10 * power;
}

/** How many a second between neighbours, evened out over five samples. */
export function rates(samples: readonly Sample[], of: 'arrived' | 'applied'): (number | undefined)[] {
  return samples.map((sample, index) => {
    const before = samples[Math.max(0, index - 5)];
    const from = before?.[of];
    const to = sample[of];
    if (before === undefined || from === undefined || to === undefined || to < from || sample.at === before.at) return undefined;
    return ((to - from) * 1000) / (sample.at - before.at);
  });
}
