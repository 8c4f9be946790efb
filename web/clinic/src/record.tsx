import type { Conflict, Rejection } from '@holdfast/client';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Clinic } from './clinic.js';
import { CrossedDot, Dots, SplitDot } from './marks.js';
import { COLLECTION, type Patient, type Read, type View, howSafe, patchAt, readName, readNumber, readPressure, readText } from './patients.js';
import { ago, date, fieldWords, reasonWords, safetyWords } from './words.js';

const readPulse = readNumber(20, 300, 'beats a minute');
/** Nobody who writes without a break for long should lose it. */
const PAUSE_MILLIS = 1_500;
const readTemperature = readNumber(25, 45, '°C');

/** One patient. Every field is saved as soon as it is left: there is no button to forget. */
export function Record({ clinic, id }: { clinic: Clinic; id: string }) {
  const view = clinic.one(id);
  const heading = useRef<HTMLHeadingElement>(null);
  // Whoever follows a link is to hear, and see, where it led.
  useEffect(() => {
    heading.current?.focus();
  }, [id, view === undefined]);
  if (view === undefined) {
    if (clinic.views === undefined) return null;
    return (
      <main class="record">
        <Back />
        <h1 ref={heading} tabIndex={-1}>
          This patient is not here
        </h1>
        <p>The record was removed, or has not come to this device yet.</p>
      </main>
    );
  }
  const { fields } = view;
  const safety = howSafe(view);
  const save = (path: string, value: unknown): void => clinic.write(clinic.patients.patch(id, patchAt(path, value) as never));
  const field = (path: string, label: string, value: string | number | undefined, read: (typed: string) => Read, more: FieldLook = {}) => (
    <Field
      key={`${id} ${path}`}
      label={label}
      value={value === undefined ? '' : String(value)}
      read={read}
      draft={{
        kept: clinic.drafts.get(`${id} ${path}`),
        keep: (typed) => (typed === undefined ? clinic.drafts.delete(`${id} ${path}`) : clinic.drafts.set(`${id} ${path}`, typed)),
        left: (typed, problem) => clinic.warn(`${fields.name ?? 'No name'}, ${label.toLowerCase()}: “${typed}” is not saved. ${problem}. It still stands in the record's field.`),
      }}
      onSave={(now) => save(path, now)}
      {...more}
    />
  );
  return (
    <main class="record">
      <Back />
      <header>
        <h1 ref={heading} tabIndex={-1}>
          {fields.name ?? 'No name'}
        </h1>
        <p class="quiet">{[fields.born === undefined ? undefined : `Born ${date(fields.born)}`, fields.ward].filter((part) => part !== undefined).join(' · ')}</p>
        <p class="how-safe" role="status">
          <Dots safety={safety} /> {safetyWords(safety)}
        </p>
      </header>
      {view.rejections.map((rejection) => (
        <Refused key={`${rejection.scope} ${rejection.first}`} clinic={clinic} rejection={rejection} />
      ))}
      {Object.entries(view.conflicts).map(([path, others]) => (
        <Versions key={path} clinic={clinic} view={view} path={path} others={others} />
      ))}
      <section aria-labelledby="vitals">
        <h2 id="vitals">Vitals</h2>
        <div class="fields three">
          {field('vitals.pressure', 'Blood pressure', fields.vitals?.pressure, readPressure, { unit: 'mmHg', hint: '120/80' })}
          {field('vitals.pulse', 'Pulse', fields.vitals?.pulse, readPulse, { unit: 'per minute', hint: '72', mode: 'numeric' })}
          {field('vitals.temperature', 'Temperature', fields.vitals?.temperature, readTemperature, { unit: '°C', hint: '36.6', mode: 'decimal' })}
        </div>
      </section>
      <Members clinic={clinic} id={id} path="allergies" label="Allergies" one="an allergy" none="None known" members={fields.allergies} isWarning />
      <Members clinic={clinic} id={id} path="medication" label="Medication" one="a medicine" none="None" members={fields.medication} />
      <section class="visits" aria-labelledby="visits">
        <h2 id="visits">Visits</h2>
        <p>
          <output aria-live="polite">{fields.visits ?? 0}</output>
          <button type="button" onClick={() => clinic.write(clinic.patients.increment(id, 'visits'))}>
            Count a visit
          </button>
        </p>
      </section>
      <section aria-labelledby="notes">
        <h2 id="notes">Notes</h2>
        {field('notes', 'Notes', fields.notes, readText, { isLong: true })}
      </section>
      <section aria-labelledby="person">
        <h2 id="person">Person</h2>
        <div class="fields three">
          {field('name', 'Name', fields.name, readName)}
          {field('born', 'Born', fields.born, readText, { type: 'date' })}
          {field('ward', 'Ward', fields.ward, readText)}
        </div>
      </section>
      <Removal clinic={clinic} view={view} />
    </main>
  );
}

export function Back() {
  return (
    <a class="back" href="#/">
      <span aria-hidden="true">‹</span> All patients
    </a>
  );
}

interface FieldLook {
  unit?: string;
  hint?: string;
  mode?: 'numeric' | 'decimal';
  type?: 'date';
  isLong?: boolean;
}

/** What was typed and cannot be, so that it is there again when somebody comes back to the record. */
interface Draft {
  kept: string | undefined;
  keep(typed: string | undefined): void;
  /** The record is left with it. */
  left(typed: string, problem: string): void;
}

/** A value that is saved when it is left. What others write meanwhile is shown unless somebody types here. */
function Field({
  label,
  value,
  read,
  draft,
  onSave,
  unit,
  hint,
  mode,
  type,
  isLong,
}: { label: string; value: string; read: (typed: string) => Read; draft: Draft; onSave: (value: string | number | null) => void } & FieldLook) {
  const [typed, setTyped] = useState(draft.kept);
  const [problem, setProblem] = useState(draft.kept === undefined ? undefined : problemOf(read(draft.kept)));
  const own = useId();
  const kept = useRef<string | undefined>(undefined);
  const settle = (): void => {
    setTyped(undefined);
    setProblem(undefined);
    draft.keep(undefined);
  };
  /** Answers why what was typed cannot be, if so. */
  const leave = (): string | undefined => {
    if (typed === undefined) return undefined;
    if (typed === value || typed === kept.current) {
      settle();
      return undefined;
    }
    const result = read(typed);
    if ('problem' in result) {
      setProblem(result.problem);
      draft.keep(typed);
      return result.problem;
    }
    settle();
    if (String(result.value ?? '') !== value) onSave(result.value);
    return undefined;
  };
  // A long text is kept on the way, too.
  useEffect(() => {
    if (!isLong || typed === undefined || typed === value) return undefined;
    const timer = setTimeout(() => {
      kept.current = typed;
      const result = read(typed);
      if ('value' in result && String(result.value ?? '') !== value) onSave(result.value);
    }, PAUSE_MILLIS);
    return () => clearTimeout(timer);
  }, [typed]);
  // What was typed is saved, too, when the record is left by another way than the next field.
  const leaving = useRef<() => void>(leave);
  leaving.current = () => {
    const wrong = leave();
    if (wrong !== undefined && typed !== undefined) draft.left(typed, wrong);
  };
  useEffect(() => {
    const onHide = (): void => leaving.current();
    globalThis.addEventListener('pagehide', onHide);
    return () => {
      globalThis.removeEventListener('pagehide', onHide);
      leaving.current();
    };
  }, []);
  const common = {
    id: own,
    value: typed ?? value,
    placeholder: hint,
    autocomplete: 'off',
    'aria-invalid': problem === undefined ? undefined : true,
    'aria-describedby': problem === undefined ? undefined : `${own}-problem`,
    onInput: (event: { currentTarget: HTMLInputElement | HTMLTextAreaElement }) => setTyped(event.currentTarget.value),
    onBlur: leave,
  } as const;
  return (
    <div class="field">
      <label for={own} class={isLong ? 'hidden' : undefined}>
        {label} {unit !== undefined && <span class="quiet">{unit}</span>}
      </label>
      {isLong ? (
        <textarea rows={4} {...common} />
      ) : (
        <input
          {...(type === undefined ? { inputMode: mode } : { type })}
          {...common}
          onKeyDown={(event) => {
            if (event.key === 'Enter') leave();
            if (event.key === 'Escape') settle();
          }}
        />
      )}
      {problem !== undefined && (
        <p class="problem" id={`${own}-problem`} role="alert">
          {problem}. Not saved yet
        </p>
      )}
    </div>
  );
}

/** A set: what two nurses add at the same time is both in it. */
function Members({ clinic, id, path, label, one, none, members = [], isWarning = false }: { clinic: Clinic; id: string; path: 'allergies' | 'medication'; label: string; one: string; none: string; members: string[] | undefined; isWarning?: boolean }) {
  const [typed, setTyped] = useState('');
  const own = useId();
  const add = (event: Event): void => {
    event.preventDefault();
    const element = typed.trim();
    if (element === '') return;
    clinic.write(clinic.patients.add(id, path, element));
    setTyped('');
  };
  return (
    <section aria-labelledby={`${own}-label`}>
      <h2 id={`${own}-label`}>{label}</h2>
      {members.length === 0 && <p class="quiet">{none}</p>}
      <ul class={isWarning ? 'members allergic' : 'members'}>
        {members.map((member) => (
          <li key={member}>
            <span>{member}</span>
            <button type="button" class="remove" aria-label={`Remove ${member}`} onClick={() => clinic.write(clinic.patients.remove(id, path, member))}>
              ×
            </button>
          </li>
        ))}
      </ul>
      <form class="adding" onSubmit={add}>
        <label class="hidden" for={own}>
          Add {one}
        </label>
        <input id={own} value={typed} placeholder={`Add ${one}`} autocomplete="off" onInput={(event) => setTyped(event.currentTarget.value)} />
        <button type="submit">Add</button>
      </form>
    </section>
  );
}

/** Values of one field that were written at the same time, and a quiet way to choose. */
function Versions({ clinic, view, path, others }: { clinic: Clinic; view: View; path: string; others: readonly Conflict[] }) {
  const field = fieldWords(path);
  const shown = valueAt(view.fields, path);
  const choose = (value: unknown): void => clinic.write(clinic.patients.resolve(view.id, path, value));
  const keepAll = (): void => {
    const values = [shown, ...others.map((other) => other.value)].map(valueWords);
    if (path === 'notes') {
      choose(values.join('\n\n'));
      return;
    }
    const kept = `${field} also written as ${values.slice(1).join(', ')}.`;
    const notes = [view.fields.notes, kept].filter((part) => part !== undefined && part !== '').join('\n');
    clinic.write(clinic.scope.transaction((tx) => tx.set(COLLECTION, view.id, path, shown).set(COLLECTION, view.id, 'notes', notes)));
  };
  const all = others.length === 1 ? 'both' : 'all';
  const heading = `${field}: ${others.length === 1 ? 'two' : others.length + 1} versions`;
  return (
    <section class="card warning" aria-label={heading}>
      <p class="title">
        <SplitDot /> {heading}. Choose, or keep {all}
      </p>
      <ul class="versions">
        <li>
          <span>
            <strong>{valueWords(shown)}</strong> <span class="quiet">shown now</span>
          </span>
          <button type="button" onClick={() => choose(shown)}>
            Use this<span class="hidden">: {valueWords(shown)} for {field}</span>
          </button>
        </li>
        {others.map((other) => (
          <li key={`${other.author} ${other.atMillis}`}>
            <span>
              <strong>{valueWords(other.value)}</strong>{' '}
              <span class="quiet">
                {other.author === clinic.status.replica ? 'from this device' : 'from another device'}, {ago(other.atMillis, Date.now())}
              </span>
            </span>
            <button type="button" onClick={() => choose(other.value)}>
              Use this<span class="hidden">: {valueWords(other.value)} for {field}</span>
            </button>
          </li>
        ))}
      </ul>
      <button type="button" class="plain" onClick={keepAll}>
        {path === 'notes' ? `Keep ${all}, one below the other` : `Keep ${all}: what is not shown goes into the notes`}
      </button>
    </section>
  );
}

function Refused({ clinic, rejection }: { clinic: Clinic; rejection: Rejection }) {
  if (!rejection.settled)
    return (
      <section class="card" aria-label="Not taken yet">
        <p class="title">The local station would not take it yet: {rejection.reason.replace(/\.$/, '')}</p>
        <p class="quiet">It stays safe on this device, and is sent again by itself.</p>
      </section>
    );
  return (
    <section class="card alarm" aria-label="Not accepted">
      <p class="title">
        <CrossedDot /> {reasonWords(rejection)}
      </p>
      <p class="quiet">Until then the change is seen on this device only. Written {ago(rejection.atMillis, Date.now())}.</p>
      <p class="actions">
        <button type="button" onClick={() => clinic.write(clinic.client.writeAgain(rejection))}>
          Send it again
        </button>
        <button type="button" class="plain" onClick={() => void clinic.client.discard(rejection).then(() => clinic.refresh())}>
          Take it back
        </button>
      </p>
    </section>
  );
}

/** Asks once more in the same place. */
function Removal({ clinic, view }: { clinic: Clinic; view: View }) {
  const [asked, setAsked] = useState(false);
  const name = view.fields.name ?? 'this patient';
  if (!asked)
    return (
      <p class="actions removal">
        <button type="button" class="plain" onClick={() => setAsked(true)}>
          Remove this record
        </button>
      </p>
    );
  return (
    <section class="card alarm" aria-label="Remove this record">
      <p class="title">Remove the record of {name} for everybody?</p>
      <p class="quiet">If somebody is changing it right now, it stays.</p>
      <p class="actions">
        <button
          type="button"
          onClick={() => {
            clinic.write(clinic.patients.delete(view.id));
            location.hash = '#/';
          }}
        >
          Remove it
        </button>
        <button type="button" class="plain" onClick={() => setAsked(false)}>
          Keep it
        </button>
      </p>
    </section>
  );
}

function problemOf(read: Read): string | undefined {
  return 'problem' in read ? read.problem : undefined;
}

function valueAt(fields: Patient, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], fields);
}

function valueWords(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'nothing';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** A new patient needs a name, and no more to begin with. */
export function NewPatient({ clinic }: { clinic: Clinic }) {
  const [problem, setProblem] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.getElementById('new-name')?.focus();
  }, []);
  const add = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string): string => String(form.get(name) ?? '').trim();
    const name = text('name');
    setProblem(name === '');
    if (name === '') return;
    const id = `p-${crypto.randomUUID()}`;
    const fields: Patient = { name, visits: 1 };
    if (text('born') !== '') fields.born = text('born');
    if (text('ward') !== '') fields.ward = text('ward');
    clinic.write(clinic.patients.put(id, fields));
    location.hash = `#/patient/${id}`;
  };
  return (
    <main class="record">
      <Back />
      <h1 ref={heading}>New patient</h1>
      <form class="fields" onSubmit={add} noValidate>
        <div class="field">
          <label for="new-name">Name</label>
          <input id="new-name" name="name" autocomplete="off" required aria-invalid={problem || undefined} aria-describedby={problem ? 'new-problem' : undefined} />
          {problem && (
            <p class="problem" id="new-problem" role="alert">
              A patient has a name
            </p>
          )}
        </div>
        <div class="field">
          <label for="new-born">
            Born <span class="quiet">if known</span>
          </label>
          <input id="new-born" name="born" type="date" />
        </div>
        <div class="field">
          <label for="new-ward">
            Ward <span class="quiet">if any</span>
          </label>
          <input id="new-ward" name="ward" autocomplete="off" />
        </div>
        <p class="actions">
          <button type="submit" class="main">
            Add patient
          </button>
        </p>
      </form>
    </main>
  );
}
