import { useEffect, useRef, useState } from 'preact/hooks';
import { Copied } from './parts.js';
import { Rings } from './marks.js';
import { Refusal, Watch } from './watch.js';

const COMMAND = "./holdfast grant issue --role operator --subject op-dalia --scope '*:read,write=*' --out dalia.grant";

/** Asks for a grant; nothing is shown without one. */
export function Login({ why, onOpen }: { why: string | undefined; onOpen: (watch: Watch) => void }) {
  const [grant, setGrant] = useState('');
  const [problem, setProblem] = useState(why);
  const [busy, setBusy] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);

  const open = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      onOpen(await Watch.open(grant.replace(/\s+/g, '')));
    } catch (error) {
      setProblem(error instanceof Refusal ? error.message : `This node does not answer: ${error instanceof Error ? error.message : String(error)}`);
      setBusy(false);
    }
  };
  const read = async (event: Event): Promise<void> => {
    const file = (event.currentTarget as HTMLInputElement).files?.[0];
    if (file !== undefined) setGrant((await file.slice(0, 20_000).text()).trim());
  };
  return (
    <main class="login">
      <h1 ref={heading} tabIndex={-1}>
        <Rings /> Holdfast console
      </h1>
      <p>What the nodes of this deployment know of themselves, for operators. Each node judges your grant itself, so this works while it is cut off.</p>
      <form onSubmit={(event) => void open(event)}>
        <label for="grant">Paste your grant: one long line</label>
        <textarea
          id="grant"
          rows={4}
          spellcheck={false}
          autocomplete="off"
          value={grant}
          aria-invalid={problem === undefined ? undefined : true}
          aria-describedby={problem === undefined ? undefined : 'problem'}
          onInput={(event) => setGrant(event.currentTarget.value)}
          onKeyDown={(event) => {
            // A grant is one line.
            if (event.key !== 'Enter') return;
            event.preventDefault();
            event.currentTarget.form?.requestSubmit();
          }}
        />
        {problem !== undefined && (
          <p class="problem" id="problem" role="alert">
            {problem}
          </p>
        )}
        <div class="actions">
          <button type="submit" class="main" disabled={busy || grant.trim() === ''}>
            {busy ? 'Asking this node …' : 'Open'}
          </button>
          <label class="button">
            Read it from a file
            <input type="file" class="hidden" onChange={(event) => void read(event)} />
          </label>
        </div>
      </form>
      <p class="quiet">It stays in this tab, until the tab is closed or you leave. It never stands in an address.</p>
      <details>
        <summary>How to get one</summary>
        <p>
          Whoever has the deployment’s keys makes it. With <code>*:read</code> you may look, with <code>*:read,write=*</code> also act. After <code>holdfast up</code> there is one in{' '}
          <code>data/operator.grant</code>.
        </p>
        <Copied label="The command" text={COMMAND} />
      </details>
    </main>
  );
}
