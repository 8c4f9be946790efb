import type { Weight } from './troubles.js';
import type { Watched } from './watch.js';

const LEVELS = ['device', 'edge', 'region', 'applied', 'global'] as const;

export type Level = (typeof LEVELS)[number];

/** Five dots, filled as far as proven, and the word. */
export function Durability({ level }: { level: Level }) {
  const filled = LEVELS.indexOf(level) + 1;
  return (
    <span class="durability">
      <svg class="dots" viewBox="0 0 50 10" width="50" height="10" aria-hidden="true">
        {LEVELS.map((each, index) => (
          <circle key={each} class={index < filled ? 'filled' : 'hollow'} cx={5 + index * 10} cy="5" r="3" />
        ))}
      </svg>{' '}
      {level}
    </span>
  );
}

const WEIGHTS: Record<Weight | 'well' | 'silent', { shape: string; word: string }> = {
  alarm: { shape: 'M7 1 13 12.5H1z', word: 'alarm' },
  warning: { shape: 'M7 .8 13.2 7 7 13.2.8 7z', word: 'warning' },
  note: { shape: 'M1.5 1.5h11v11h-11z', word: 'note' },
  well: { shape: 'M7 1a6 6 0 1 1 0 12A6 6 0 0 1 7 1z', word: 'well' },
  silent: { shape: 'M7 1a6 6 0 1 1 0 12A6 6 0 0 1 7 1zm0 2a4 4 0 1 0 0 8 4 4 0 0 0 0-8z', word: 'no answer' },
};

/** A shape for each weight, so that colour only helps. */
export function Mark({ weight }: { weight: Weight | 'well' | 'silent' }) {
  const { shape, word } = WEIGHTS[weight];
  return (
    <svg class={`mark ${weight}`} viewBox="0 0 14 14" width="14" height="14" role="img" aria-label={word}>
      <path d={shape} fill-rule="evenodd" />
    </svg>
  );
}

/** How a node is, at one glance. */
export function weightOf(node: Watched): 'alarm' | 'warning' | 'well' | 'silent' {
  if (node.reach.state !== 'reached' || node.told === undefined) return 'silent';
  if (node.told.state.checks.some(({ failure }) => failure !== undefined)) return 'alarm';
  return node.told.region?.up === false ? 'warning' : 'well';
}

/** The three rings, as the mark of the product. */
export function Rings() {
  return (
    <svg class="rings" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
      <circle class="core" cx="12" cy="12" r="2.5" />
      <circle cx="12" cy="12" r="6" />
      <circle cx="12" cy="12" r="10" />
    </svg>
  );
}
