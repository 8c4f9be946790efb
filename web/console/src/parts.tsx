import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

/** A page's heading, which takes the focus when the page is opened. */
export function Heading({ children }: { children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}

/** An element, and how wide it is at the moment; 0 until that is known. */
export function useWidth(): [frame: RefObject<HTMLDivElement | null>, width: number] {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const watcher = new ResizeObserver(() => setWidth(element.clientWidth));
    watcher.observe(element);
    setWidth(element.clientWidth);
    return () => watcher.disconnect();
  }, []);
  return [frame, width];
}

/** A text to be used elsewhere. */
export function Copied({ label, text }: { label: string; text: string }) {
  const [done, setDone] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setDone(true);
    setTimeout(() => setDone(false), 2_000);
  };
  return (
    <div class="copied">
      <code tabIndex={0} role="textbox" aria-readonly="true" aria-label={label}>
        {text}
      </code>
      <button type="button" onClick={() => void copy()}>
        {done ? 'Copied' : 'Copy'}
      </button>
    </div>
  );
}

/** Rows with the same fields: a table where there is room, cards where there is not. */
export function Rows<T>({ label, columns, rows, cells, name }: { label: string; columns: string[]; rows: T[]; cells: (row: T) => ComponentChildren[]; name: (row: T) => string }) {
  return (
    <table class="rows">
      <caption class="hidden">{label}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={name(row)}>
            {cells(row).map((cell, index) => (
              <td key={columns[index]} data-label={columns[index]}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Facts({ facts }: { facts: [string, ComponentChildren][] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What has a consequence: asked twice, for a reason where there is an audit trail, and told whether it was done. */
export function Action({
  words,
  question,
  allowed,
  audited = true,
  disabled = false,
  act,
}: {
  words: string;
  question: string;
  allowed: boolean;
  audited?: boolean;
  disabled?: boolean;
  act: (why: string) => Promise<void>;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [why, setWhy] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const run = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      await act(why.trim());
      dialog.current?.close();
      setWhy('');
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
    setBusy(false);
  };
  if (!allowed) return <span class="quiet">Your grant lets you look, not act</span>;
  return (
    <>
      <button type="button" disabled={disabled} onClick={() => dialog.current?.showModal()}>
        {words}
      </button>
      <dialog ref={dialog} aria-label={question}>
        <form onSubmit={(event) => void run(event)}>
          <p>{question}</p>
          {audited && (
            <label>
              Why (for the audit trail)
              <input value={why} maxLength={200} onInput={(event) => setWhy(event.currentTarget.value)} />
            </label>
          )}
          {problem !== undefined && (
            <p class="problem" role="alert">
              Not done: {problem}
            </p>
          )}
          <div class="actions">
            <button type="submit" class="main" disabled={busy}>
              {words}
            </button>
            <button type="button" onClick={() => dialog.current?.close()}>
              Leave it
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}
