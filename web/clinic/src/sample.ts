import { COLLECTION, type Patient } from './patients.js';
import type { Scope } from '@holdfast/client';

const GIVEN = ['Amina', 'Bashir', 'Chipo', 'Dalia', 'Emeka', 'Farah', 'Grace', 'Hassan', 'Ifeoma', 'Joseph', 'Kamala', 'Lwazi', 'Mariam', 'Naledi', 'Omar', 'Priya', 'Rashid', 'Salma', 'Thandi', 'Usman', 'Wanjiru', 'Yusuf', 'Zainab', 'Noël'];
const FAMILY = ['Abdi', 'Banda', 'Chowdhury', 'Diallo', 'Eze', 'Farouk', 'Gupta', 'Haddad', 'Ibrahim', 'Juma', 'Kamau', 'Lungu', 'Mwangi', 'Nkosi', 'Okafor', 'Phiri', 'Rahman', 'Sesay', 'Tadesse', 'Umar', 'Wekesa', 'Yusuf', 'Zulu', 'Traoré'];
const WARDS = ['Ward A', 'Ward B', 'Maternity', 'Children', 'Outpatients'];
const MEDICATION = ['Amoxicillin 500 mg', 'Artemether', 'Folic acid', 'Insulin', 'Iron', 'Lisinopril 10 mg', 'Metformin 500 mg', 'Oral rehydration salts', 'Paracetamol 500 mg', 'Salbutamol'];
const ALLERGIES = ['Aspirin', 'Eggs', 'Latex', 'Peanuts', 'Penicillin', 'Sulfa drugs'];
const NOTES = ['Came with her sister.', 'Walks two hours to the clinic; give medicine for a month.', 'Asked to come again on Monday.', 'Prefers to be called in the morning.', 'Wound is clean and dry.'];

/** Writes that are under way at a time. */
const AT_ONCE = 200;

export interface Sample {
  id: string;
  fields: Patient;
}

/** Invented patients; the same seed makes the same ones. */
export function samples(count: number, seed: number): Sample[] {
  const random = mulberry32(seed);
  const below = (bound: number): number => Math.floor(random() * bound);
  const one = <T>(of: readonly T[]): T => of[below(of.length)] as T;
  const some = <T>(of: readonly T[], most: number): T[] => [...new Set(Array.from({ length: below(most + 1) }, () => one(of)))];
  const two = (value: number): string => String(value).padStart(2, '0');
  return Array.from({ length: count }, (_, index) => {
    const fields: Patient = {
      name: `${one(GIVEN)} ${one(FAMILY)}`,
      born: `${1935 + below(90)}-${two(1 + below(12))}-${two(1 + below(28))}`,
      ward: one(WARDS),
      vitals: {
        pressure: `${100 + below(60)}/${60 + below(35)}`,
        pulse: 55 + below(60),
        temperature: (358 + below(32)) / 10,
      },
      medication: some(MEDICATION, 3),
      allergies: random() < 0.3 ? some(ALLERGIES, 2) : [],
      visits: 1 + below(12),
    };
    if (random() < 0.2) fields.notes = one(NOTES);
    return { id: `sample-${seed}-${String(index + 1).padStart(5, '0')}`, fields };
  });
}

/** Writes them into a scope, each a write of its own, and tells how many are saved. Those of the same seed that are there stay one. */
export async function writeSamples(scope: Scope, count: number, seed: number, onSaved: (saved: number) => void): Promise<void> {
  const all = samples(count, seed);
  const patients = scope.collection<Patient>(COLLECTION);
  for (let from = 0; from < all.length; from += AT_ONCE) {
    const some = all.slice(from, from + AT_ONCE);
    await Promise.all(some.map(({ id, fields }) => patients.put(id, fields).local));
    onSaved(from + some.length);
  }
}

/** By Tommy Ettinger, public domain: 32 bits of state, good enough to invent people. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
