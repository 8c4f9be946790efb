import type { Network } from './clinic.js';
import type { Safety } from './patients.js';
import { safetyWords } from './words.js';

const LEVELS: readonly Safety[] = ['device', 'edge', 'region', 'applied', 'global'];

/** Five dots, filled as far as proven. The words stand beside them, or in what is read aloud. */
export function Dots({ safety }: { safety: Safety }) {
  const filled = LEVELS.indexOf(safety) + 1;
  return (
    <svg class="dots" viewBox="0 0 50 10" width="50" height="10" aria-hidden="true">
      <title>{safetyWords(safety)}</title>
      {LEVELS.map((level, index) => (
        <circle key={level} class={index < filled ? 'filled' : 'hollow'} cx={5 + index * 10} cy="5" r="3" />
      ))}
    </svg>
  );
}

/** A dot in two halves: two versions stand. */
export function SplitDot() {
  return (
    <svg class="mark warning" viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">
      <path d="M6 1a6 6 0 0 0 0 12z" />
      <path d="M8 1a6 6 0 0 1 0 12z" />
    </svg>
  );
}

/** A crossed dot: refused. */
export function CrossedDot() {
  return (
    <svg class="mark alarm" viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">
      <circle cx="7" cy="7" r="5.5" fill="none" stroke="currentColor" stroke-width="1.6" />
      <path d="M3.5 3.5l7 7" stroke="currentColor" stroke-width="1.6" />
    </svg>
  );
}

/** The three rings: device inside, station, cloud. A ring that is not reached is drawn broken. */
export function Rings({ state }: { state: Network['state'] }) {
  const reached = state === 'up' ? 3 : state === 'cut' || state === 'sending' ? 2 : 1;
  return (
    <svg class="rings" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
      <circle class="core" cx="12" cy="12" r="2.5" />
      <circle class={reached >= 2 ? 'whole' : 'broken'} cx="12" cy="12" r="6" pathLength="24" />
      <circle class={reached >= 3 ? 'whole' : 'broken'} cx="12" cy="12" r="10" pathLength="36" />
    </svg>
  );
}
