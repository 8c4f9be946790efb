import { useEffect, useRef, useState } from 'preact/hooks';
import type { Clinic } from './clinic.js';
import { networkWords } from './network.js';
import { Back } from './record.js';
import { writeSamples } from './sample.js';
import { ago, number, patientsWords, records } from './words.js';

const SEED = 7;

/** This device: how it is enrolled, how it is doing, and invented patients for a try. */
export function DevicePage({ clinic, worker }: { clinic: Clinic; worker: string | undefined }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
    void clinic.refresh();
  }, []);
  return (
    <main class="record">
      <Back />
      {clinic.isEnrolled ? <Doing clinic={clinic} heading={heading} worker={worker} /> : <Enrolment clinic={clinic} heading={heading} />}
      <Samples clinic={clinic} />
    </main>
  );
}

/** The first start: the key to give away, and the field for the grant that comes back. */
function Enrolment({ clinic, heading }: { clinic: Clinic; heading: { current: HTMLHeadingElement | null } }) {
  const [grant, setGrant] = useState('');
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const { publicKey } = clinic.client;
  const command = clinic.deployment.grantCommand?.replace('KEY', publicKey);
  const enrol = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await clinic.enrol(grant.replace(/\s+/g, ''));
      location.hash = '#/';
    } catch (error) {
      setProblem(error instanceof Error ? error.message.replace(/\.$/, '') : String(error));
    }
    setBusy(false);
  };
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        Enrol this device
      </h1>
      <p>
        The clinic shares its records with devices that it knows. Until this one is enrolled, what you write stays here, and is sent
        afterwards.
      </p>
      <ol class="steps">
        <li>
          {command === undefined ? (
            <>
              <p>Give this key to whoever runs the clinic’s system. It is not a secret.</p>
              <Copied label="The key of this device" text={publicKey} />
            </>
          ) : (
            <>
              <p>Run this where the system was started. It holds this device’s key, which is not a secret; put your own name for “chipo”.</p>
              <Copied label="The command" text={command} />
              <details>
                <summary>Only the key</summary>
                <Copied label="The key of this device" text={publicKey} />
              </details>
            </>
          )}
        </li>
        <li>
          <form class="field" onSubmit={(event) => void enrol(event)}>
            <label for="grant">Paste the grant that comes back: one long line</label>
            <textarea
              id="grant"
              rows={4}
              spellcheck={false}
              autocomplete="off"
              value={grant}
              aria-invalid={problem === undefined ? undefined : true}
              aria-describedby={problem === undefined ? undefined : 'grant-problem'}
              onInput={(event) => setGrant(event.currentTarget.value)}
            />
            {problem !== undefined && (
              <p class="problem" id="grant-problem" role="alert">
                {problem}. Ask for a grant for the key above
              </p>
            )}
            <p class="actions">
              <a class="button" href="#/">
                Look around first
              </a>
              <button type="submit" class="main" disabled={busy || grant.trim() === ''}>
                Enrol
              </button>
            </p>
          </form>
        </li>
      </ol>
    </>
  );
}

function Copied({ label, text }: { label: string; text: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <div class="copied">
      <code tabIndex={0} role="textbox" aria-readonly="true" aria-label={label}>
        {text}
      </code>
      <button
        type="button"
        onClick={() =>
          void navigator.clipboard.writeText(text).then(
            () => setCopied(true),
            () => setCopied(false),
          )
        }
      >
        {copied ? 'Copied' : 'Copy'}
      </button>
    </div>
  );
}

function Doing({ clinic, heading, worker }: { clinic: Clinic; heading: { current: HTMLHeadingElement | null }; worker: string | undefined }) {
  const { status, link } = clinic;
  const oldest = status.unsynced.oldestMillis;
  const facts: [string, string][] = [
    ['Used by', status.subject ?? ''],
    ['Network', networkWords(clinic.network)],
    ['Station', link.connected ? `${new URL(link.endpoint).host}, reached ${ago(link.sinceMillis, Date.now())}` : link.reason],
    ['Waits here', oldest === undefined ? 'Nothing' : `${records(clinic.waiting)}, the oldest from ${ago(oldest, Date.now())}`],
    ['Not accepted', status.rejections === 0 ? 'Nothing' : number(status.rejections)],
    ['Kept by the browser', status.persisted ? 'Yes, also when it runs out of room' : 'As long as it has room. Installing the clinic helps'],
    ['Loads without a network', worker ?? 'Yes'],
  ];
  if (status.evicted) facts.push(['Data', 'The browser dropped what was here before. What the station had comes again']);
  if (status.clockAheadMillis > 0) facts.push(['Clock', `${number(Math.round(status.clockAheadMillis / 60_000))} min ahead. Set it right`]);
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        This device
      </h1>
      <dl class="facts">
        {facts.map(([what, how]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>{how}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

/** Invented patients, the same ones everywhere, so that two devices that both add them have them once. */
function Samples({ clinic }: { clinic: Clinic }) {
  const [saved, setSaved] = useState<{ of: number; done: number }>();
  const fill = (count: number): void => {
    setSaved({ of: count, done: 0 });
    writeSamples(clinic.scope, count, SEED, (done) => setSaved({ of: count, done })).catch((error: unknown) => clinic.fail(error));
  };
  const isBusy = saved !== undefined && saved.done < saved.of;
  return (
    <section aria-labelledby="samples">
      <h2 id="samples">To try it</h2>
      <p class="quiet">Invented patients, shared with everybody in <span class="whole-word">{clinic.deployment.scope}</span>.</p>
      <p class="actions">
        {[25, 10_000].map((count) => (
          <button key={count} type="button" disabled={isBusy} onClick={() => fill(count)}>
            Add {patientsWords(count)}
          </button>
        ))}
      </p>
      <p role="status">{saved !== undefined && (isBusy ? `Saved ${number(saved.done)} of ${number(saved.of)}` : `${patientsWords(saved.of)} are here`)}</p>
    </section>
  );
}
