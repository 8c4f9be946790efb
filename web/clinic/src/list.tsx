import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Clinic } from './clinic.js';
import { CrossedDot, Dots, SplitDot } from './marks.js';
import { type View, howSafe, needsChoice, search } from './patients.js';
import { patientsWords, readAloud, safetyWords } from './words.js';

const ROW = 64;
/** Rows beyond what is seen, so that a flick shows no gap. */
const BEYOND = 8;

/** Every patient, or those that are searched for; only the rows that are seen exist. */
export function PatientList({ clinic, chosen, isAlone }: { clinic: Clinic; chosen: string | undefined; isAlone: boolean }) {
  const [words, setWords] = useState('');
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(0);
  const frame = useRef<HTMLDivElement>(null);
  const wanted = useRef<number | undefined>(undefined);
  const place = useRef(0);
  place.current = top;
  const all = clinic.views;
  const found = all === undefined ? [] : search(all, words);

  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const watcher = new ResizeObserver(() => {
      setHeight(element.clientHeight);
      // On a phone the list is away while a record is open, and a browser forgets how far what is away was scrolled.
      if (element.clientHeight > 0) element.scrollTop = place.current;
    });
    watcher.observe(element);
    return () => watcher.disconnect();
  }, []);

  // A row that the keys asked for is there only after it was scrolled to, and the one before it is gone then: the focus
  // moves in the same breath, so that no key is lost in between. What was asked for may have become fewer since.
  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    const row = Math.min(wanted.current, found.length - 1);
    const element = frame.current?.querySelector<HTMLElement>(`[data-row="${row}"]`);
    if (element == null) {
      if (found.length === 0) wanted.current = undefined;
      else if (row !== wanted.current) goTo(row);
      return;
    }
    wanted.current = undefined;
    element.focus({ preventScroll: true });
  });

  const goTo = (index: number): void => {
    const element = frame.current;
    if (element === null || found.length === 0) return;
    const row = Math.max(0, Math.min(found.length - 1, index));
    wanted.current = row;
    if (row * ROW < element.scrollTop) element.scrollTop = row * ROW;
    else if ((row + 1) * ROW > element.scrollTop + element.clientHeight) element.scrollTop = (row + 1) * ROW - element.clientHeight;
    setTop(element.scrollTop);
    frame.current?.querySelector<HTMLElement>(`[data-row="${row}"]`)?.focus({ preventScroll: true });
  };

  // Whoever comes back from a record goes on at its row, by keys too.
  const opened = useRef(chosen);
  useLayoutEffect(() => {
    const left = opened.current;
    opened.current = chosen;
    if (!isAlone || left === undefined) return;
    if (frame.current !== null) frame.current.scrollTop = place.current;
    const row = found.findIndex(({ id }) => id === left);
    if (row < 0) return;
    goTo(row);
    // It is there already, most often: then nothing is to take the focus again later.
    if (document.activeElement instanceof HTMLElement && document.activeElement.dataset['row'] === String(row)) wanted.current = undefined;
  }, [chosen, isAlone]);

  const onKey = (event: KeyboardEvent): void => {
    const row = wanted.current ?? Number((event.target as HTMLElement).dataset['row'] ?? -1);
    const page = Math.max(1, Math.floor(height / ROW) - 1);
    const steps: Record<string, number> = { ArrowDown: row + 1, ArrowUp: row - 1, PageDown: row + page, PageUp: row - page, Home: 0, End: found.length - 1 };
    const next = steps[event.key];
    if (next === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (next < 0 && event.key === 'ArrowUp') document.getElementById('search')?.focus();
    else goTo(next);
  };

  const first = Math.max(0, Math.floor(top / ROW) - BEYOND);
  const last = Math.min(found.length, Math.ceil((top + height) / ROW) + BEYOND);
  return (
    <section class="list" aria-label="Patients">
      <div class="find">
        <label class="hidden" for="search">
          Search patients by name, ward or year of birth
        </label>
        <input
          id="search"
          type="search"
          placeholder="Search patients"
          autocomplete="off"
          spellcheck={false}
          value={words}
          onInput={(event) => {
            wanted.current = undefined;
            setWords(event.currentTarget.value);
            if (frame.current !== null) frame.current.scrollTop = 0;
            setTop(0);
          }}
          onKeyDown={(event) => {
            if (event.key !== 'ArrowDown') return;
            event.preventDefault();
            goTo(0);
          }}
        />
        <a class="button main" href="#/new">
          Add patient
        </a>
      </div>
      <p class="count" role="status">
        {all === undefined ? 'Reading what this device has' : words.trim() === '' ? patientsWords(all.length) : `${patientsWords(found.length)} of ${all.length.toLocaleString('en')}`}
      </p>
      <div ref={frame} class="frame" onScroll={(event) => setTop(event.currentTarget.scrollTop)} onKeyDown={onKey}>
        {found.length > 0 && (
          <svg class="spacer" width="1" height={found.length * ROW} aria-hidden="true" />
        )}
        <ul class="rows">
          {found.slice(first, last).map((view, index) => (
            <Row key={view.id} view={view} row={first + index} of={found.length} isChosen={view.id === chosen} />
          ))}
        </ul>
        {all !== undefined && found.length === 0 && <Nobody words={words} isEmpty={all.length === 0} isEnrolled={clinic.isEnrolled} />}
      </div>
    </section>
  );
}

function Row({ view, row, of, isChosen }: { view: View; row: number; of: number; isChosen: boolean }) {
  const item = useRef<HTMLLIElement>(null);
  // Set by script: the policy of the site allows no style within the page's text.
  useLayoutEffect(() => {
    if (item.current !== null) item.current.style.transform = `translateY(${row * ROW}px)`;
  }, [row]);
  const { name, ward, vitals } = view.fields;
  const safety = howSafe(view);
  const conflicted = needsChoice(view);
  return (
    <li ref={item} class="row" aria-setsize={of} aria-posinset={row + 1}>
      <a
        href={`#/patient/${encodeURIComponent(view.id)}`}
        data-row={row}
        aria-current={isChosen ? 'true' : undefined}
      >
        <span class="who">
          <span class="name">
            {name ?? 'No name'}
            <span class="hidden">{readAloud(view, safety, conflicted)}</span>
          </span>
          <span class="quiet" aria-hidden="true">{[ward, vitals?.pressure].filter((part) => part !== undefined).join(' · ')}</span>
        </span>
        {view.rejections.length > 0 && <CrossedDot />}
        {conflicted && <SplitDot />}
        <span class="safety" title={safetyWords(safety)}>
          <Dots safety={safety} />
        </span>
      </a>
    </li>
  );
}

function Nobody({ words, isEmpty, isEnrolled }: { words: string; isEmpty: boolean; isEnrolled: boolean }) {
  if (!isEmpty)
    return (
      <div class="nothing">
        <p>Nobody matches “{words}”.</p>
        <p class="quiet">Try fewer letters, or a ward. Or add a patient.</p>
      </div>
    );
  return (
    <div class="nothing">
      <p>No patients here yet.</p>
      <p class="quiet">
        {isEnrolled ? 'They appear as soon as the local station has some. ' : ''}
        Add one, or fill the clinic with invented ones.
      </p>
      <p class="actions">
        <a class="button" href="#/device">
          Invented patients
        </a>
      </p>
    </div>
  );
}
