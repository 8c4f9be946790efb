import type { Rejection } from '@holdfast/client';
import type { Safety, View } from './patients.js';

const NUMBERS = new Intl.NumberFormat('en');
const DATES = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' });

const SAFETY: Record<Safety, string> = {
  saving: 'Being saved on this device',
  device: 'Saved on this device',
  edge: 'Safe at the local station',
  region: 'Safe in the cloud',
  applied: 'In the record',
  global: 'In two regions',
};

const FIELDS: Record<string, string> = {
  name: 'Name',
  born: 'Born',
  ward: 'Ward',
  'vitals.pressure': 'Blood pressure',
  'vitals.pulse': 'Pulse',
  'vitals.temperature': 'Temperature',
  notes: 'Notes',
};

export function safetyWords(safety: Safety): string {
  return SAFETY[safety];
}

export function fieldWords(path: string): string {
  return FIELDS[path] ?? path;
}

export function number(value: number): string {
  return NUMBERS.format(value);
}

export function records(count: number): string {
  return `${number(count)} ${count === 1 ? 'record' : 'records'}`;
}

export function patientsWords(count: number): string {
  return `${number(count)} ${count === 1 ? 'patient' : 'patients'}`;
}

/** Relative up to a day, then a date. */
export function ago(atMillis: number, nowMillis: number): string {
  const minutes = Math.floor((nowMillis - atMillis) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return DATES.format(atMillis);
}

export function date(day: string): string {
  const millis = Date.parse(`${day}T12:00:00`);
  return Number.isNaN(millis) ? day : DATES.format(millis);
}

export function reasonWords(rejection: Rejection): string {
  return `Not accepted: ${rejection.reason.replace(/\.$/, '')}. Change it and send it again`;
}

/** What is read aloud after the name in a row of the list. */
export function readAloud(view: View, safety: Safety, conflicted: boolean): string {
  const { ward, vitals } = view.fields;
  const parts = [''];
  if (ward !== undefined) parts.push(ward);
  if (vitals?.pressure !== undefined) parts.push(`blood pressure ${vitals.pressure.replace('/', ' over ')}`);
  if (view.rejections.length > 0) parts.push('not accepted');
  if (conflicted) parts.push('two versions, choose');
  parts.push(safetyWords(safety).toLowerCase());
  return parts.join(', ');
}
