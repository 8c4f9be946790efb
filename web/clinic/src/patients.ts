import type { Collection, DocumentView, Durability } from '@holdfast/client';

/** What a clinic knows of somebody. Each field may be missing: whoever wrote it had not got that far. */
export interface Patient {
  name?: string;
  /** Such as 1987-04-23. */
  born?: string;
  ward?: string;
  vitals?: {
    /** Such as 120/80. One value, so that two measurements made at once never mix. */
    pressure?: string;
    /** Beats a minute. */
    pulse?: number;
    /** Degrees Celsius. */
    temperature?: number;
  };
  medication?: string[];
  allergies?: string[];
  visits?: number;
  notes?: string;
}

export type View = DocumentView<Patient>;
export type Patients = Collection<Patient>;

export const COLLECTION = 'patients';

/** Two nurses who each add a medicine, or count a visit, have both done so; all else is shown as the later one wrote it. */
export const SCHEMA = {
  [COLLECTION]: {
    fields: {
      visits: { kind: 'counter' },
      medication: { kind: 'set' },
      allergies: { kind: 'set' },
    },
  },
} as const;

/** How safe a record is: 'saving' is not saved yet, and each further one includes those before it. */
export type Safety = 'saving' | Durability;

/** How safe all that a record shows is known to be, whoever wrote it. */
export function howSafe(view: View): Safety {
  return view.saving ? 'saving' : view.reached;
}

/** Whether there is something that a person must look at. */
export function needsChoice(view: View): boolean {
  return Object.keys(view.conflicts).length > 0;
}

const folded = new WeakMap<View, string>();

/** As it is compared: without case and accents, so that "Noël" is found by "noel". */
export function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Those in whom every word of `words` is found. Views that did not change are not looked at again. */
export function search(views: readonly View[], words: string): readonly View[] {
  const wanted = fold(words).split(/\s+/).filter((word) => word !== '');
  if (wanted.length === 0) return views;
  return views.filter((view) => {
    let text = folded.get(view);
    if (text === undefined) {
      const { name = '', ward = '', born = '' } = view.fields;
      text = fold(`${name} ${ward} ${born} ${view.id}`);
      folded.set(view, text);
    }
    return wanted.every((word) => text.includes(word));
  });
}

/** A value as it was typed, or what is wrong with it. */
export type Read = { value: string | number | null } | { problem: string };

export function readPressure(typed: string): Read {
  const text = typed.trim();
  if (text === '') return { value: null };
  const parts = /^(\d{2,3})\s*\/\s*(\d{2,3})$/.exec(text);
  if (parts === null) return { problem: 'Write it as 120/80' };
  const [upper, lower] = [Number(parts[1]), Number(parts[2])];
  if (upper <= lower || upper > 300 || lower < 20) return { problem: 'The first number is the higher one, up to 300' };
  return { value: `${upper}/${lower}` };
}

export function readNumber(least: number, most: number, unit: string): (typed: string) => Read {
  return (typed) => {
    const text = typed.trim().replace(',', '.');
    if (text === '') return { value: null };
    const value = Number(text);
    if (!Number.isFinite(value) || value < least || value > most) return { problem: `A number from ${least} to ${most} ${unit}` };
    return { value };
  };
}

export function readText(typed: string): Read {
  const text = typed.trim();
  return { value: text === '' ? null : text };
}

export function readName(typed: string): Read {
  const text = typed.trim();
  return text === '' ? { problem: 'A patient has a name' } : { value: text };
}

/** A patch that changes what is at `path` alone. */
export function patchAt(path: string, value: unknown): Record<string, unknown> {
  return path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Record<string, unknown>;
}
