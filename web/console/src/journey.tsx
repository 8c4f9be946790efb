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

/** How far one write got, by what each node can prove. */
export function JourneyPage({ watch }: { watch: Watch }) {
  const [scope, setScope] = useState('');
  const [dot, setDot] = useState('');
  const [asked, setAsked] = useState<Asked[]>();
  const [busy, setBusy] = useState(false);
  const follow = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    const query = new URLSearchParams({ scope: scope.trim(), dot: dot.trim() });
    const nodes = [...watch.ofKind('edge'), ...watch.ofKind('region')];
    setAsked(
      await Promise.all(
        nodes.map(async (node): Promise<Asked> => {
          try {
            return { node, told: (await watch.get(node, `/v1/console/journey?${query}`)) as Journey };
          } catch (error) {
            return { node, problem: error instanceof Error ? error.message : String(error) };
          }
        }),
      ),
    );
    setBusy(false);
  };
  return (
    <main>
      <Heading>The journey of one write</Heading>
      <p>
        A write is named by its dot: the replica that wrote it and its number there, such as the header <code>Holdfast-Dot</code> gives it. Its trace id is shown where a region has applied it; finding a write by its trace id alone is not possible yet.
      </p>
      <form class="fields" onSubmit={(event) => void follow(event)}>
        <label>
          Scope
          <input value={scope} required spellcheck={false} autocapitalize="off" placeholder="clinic-7" onInput={(event) => setScope(event.currentTarget.value)} />
        </label>
        <label class="wide">
          Dot
          <input value={dot} required spellcheck={false} autocapitalize="off" placeholder="0f1e…:12" onInput={(event) => setDot(event.currentTarget.value)} />
        </label>
        <button type="submit" disabled={busy}>
          Follow
        </button>
      </form>
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
