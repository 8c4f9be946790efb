import { useState } from 'preact/hooks';
import { Durability, type Level } from './marks.js';
import { Heading } from './parts.js';
import type { Journey } from './told.js';
import { type Watch, type Watched } from './watch.js';
import { exactly, short } from './words.js';

interface Asked {
  node: Watched;
  told?: Journey;
  problem?: string;
}

const TRACE = /^[0-9a-f]{32}$/i;
/** Of a `traceparent`, the trace id is the second part. */
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/i;

/** How far one write got, by what each node can prove. */
export function JourneyPage({ watch }: { watch: Watch }) {
  const [scope, setScope] = useState('');
  const [name, setName] = useState('');
  const [asked, setAsked] = useState<Asked[]>();
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const ask = async (of: Record<string, string>): Promise<Asked[]> => {
    const query = new URLSearchParams({ scope: scope.trim(), ...of });
    const nodes = [...watch.ofKind('edge'), ...watch.ofKind('region')];
    return Promise.all(
      nodes.map(async (node): Promise<Asked> => {
        try {
          return { node, told: (await watch.get(node, `/v1/console/journey?${query}`)) as Journey };
        } catch (error) {
          return { node, problem: error instanceof Error ? error.message : String(error) };
        }
      }),
    );
  };
  const follow = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    setAsked(undefined);
    const given = name.trim();
    const trace = (TRACEPARENT.exec(given)?.[1] ?? given).toLowerCase();
    if (TRACE.test(trace)) {
      const found = await ask({ trace });
      const dot = found.find(({ told }) => told?.has === true)?.told?.dot;
      if (dot === undefined) {
        const silent = found.filter((each) => each.problem !== undefined).map(({ node }) => node.name);
        setProblem(`No node finds this trace among the newest 5,000 batches of the scope.${silent.length === 0 ? '' : ` Not asked, since they do not answer: ${silent.join(', ')}.`}`);
      } else setAsked(await ask({ dot }));
    } else setAsked(await ask({ dot: given }));
    setBusy(false);
  };
  return (
    <main>
      <Heading>The journey of one write</Heading>
      <p>
        A write is named by its dot, such as the header <code>Holdfast-Dot</code> gives it, the replica that wrote it and its number there; or by its trace id, such as it stands in a <code>traceparent</code>, while it is among the newest of its scope.
      </p>
      <form class="fields" onSubmit={(event) => void follow(event)}>
        <label>
          Scope
          <input value={scope} required spellcheck={false} autocapitalize="off" placeholder="clinic-7" onInput={(event) => setScope(event.currentTarget.value)} />
        </label>
        <label class="wide">
          Dot or trace id
          <input value={name} required spellcheck={false} autocapitalize="off" placeholder="0f1e…:12" onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <button type="submit" disabled={busy}>
          Follow
        </button>
      </form>
      {problem !== undefined && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {asked !== undefined && (
        <ol class="journey" aria-label="Journey">
          {asked.map((each) => (
            <Stop key={each.node.name} watch={watch} asked={each} />
          ))}
        </ol>
      )}
    </main>
  );
}

function Stop({ watch, asked }: { watch: Watch; asked: Asked }) {
  const { node, told, problem } = asked;
  return (
    <li>
      <p class="name">
        {node.name} <span class="quiet">{node.kind}</span>
      </p>
      {problem !== undefined && <p class="problem">Not told: {problem}</p>}
      {told !== undefined && !told.has && (told.quarantined ?? []).length === 0 && <p>It has not come here{node.kind === 'region' ? ', or waits in the log' : ''}</p>}
      {told?.has === true && told.kind === 'edge' && <AtEdge watch={watch} told={told} />}
      {told?.has === true && told.kind === 'region' && <AtRegion watch={watch} told={told} />}
      {told?.quarantined?.map((kept) => (
        <p key={kept.at} class="problem">
          In quarantine since {exactly(Date.parse(kept.at), Date.now())}: {kept.code}: {kept.reason}
        </p>
      ))}
    </li>
  );
}

function AtEdge({ watch, told }: { watch: Watch; told: Journey }) {
  const words = told.words ?? [];
  const levels: Level[] = ['edge', 'region', 'applied', 'global'];
  const proven = levels.findLast((level) => words.some((word) => word.level === level)) ?? 'edge';
  return (
    <>
      <Durability level={proven} />
      <p>{told.waits === true ? 'Kept here until it is confirmed as far as it must be' : 'Here, and this edge need not answer for it any more'}</p>
      {words.map(({ level, at, by }) => (
        <p key={level} class="quiet">
          {level}: by the word of {replicaName(watch, by)}, at {exactly(Date.parse(at), Date.now())} at the latest
        </p>
      ))}
    </>
  );
}

function AtRegion({ watch, told }: { watch: Watch; told: Journey }) {
  const now = Date.now();
  const elsewhere = (told.elsewhere ?? []).map((replica) => replicaName(watch, replica));
  return (
    <>
      <Durability level={elsewhere.length > 0 ? 'global' : 'applied'} />
      {told.written !== undefined && <p>Written at {exactly(Date.parse(told.written), now)} by its author’s clock</p>}
      <p>{told.applied === undefined ? 'Applied here; when is not known' : `Applied here at ${exactly(Date.parse(told.applied), now)}`}</p>
      {elsewhere.length > 0 && <p>Also in {elsewhere.join(', ')}</p>}
      <p class="quiet">
        {told.collection}/{told.id}, batch {told.feed} of the feed
      </p>
      <p class="quiet">
        Trace <code>{told.trace}</code>
      </p>
    </>
  );
}

function replicaName(watch: Watch, replica: string): string {
  return watch.nodes.find((node) => node.told?.replica === replica)?.name ?? short(replica);
}
