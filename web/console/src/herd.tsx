import { Heading } from './parts.js';
import { Plot, rates } from './plot.js';
import { type Watch, type Watched, rateOf } from './watch.js';
import { count, number, rate, span } from './words.js';

/** How what arrives compares with what the database takes, at one node. */
export function Herd({ watch, name }: { watch: Watch; name: string | undefined }) {
  const able = [...watch.ofKind('region'), ...watch.ofKind('edge')];
  const node = able.find((each) => each.name === name) ?? able[0];
  if (node === undefined) {
    return (
      <main>
        <Heading>The herd</Heading>
        <p>No region or edge is named to this page.</p>
      </main>
    );
  }
  const { samples } = node;
  const isRegion = node.kind === 'region';
  const lines = [{ name: 'arrivals', values: rates(samples, 'arrived') }];
  if (isRegion) lines.push({ name: 'database', values: rates(samples, 'applied') });
  const queued = isRegion ? 'queue' : 'backlog';
  return (
    <main>
      <Heading>The herd at {node.name}</Heading>
      <nav class="choice" aria-label="Node">
        {able.map((each) => (
          <a key={each.name} href={`#/herd/${each.name}`} aria-current={each === node ? 'page' : undefined}>
            {each.name}
          </a>
        ))}
      </nav>
      {samples.length < 2 ? (
        <p class="quiet">Rates are drawn from what the node says every two seconds: in a moment.</p>
      ) : (
        <>
          <h2>{ratesSentence(node, isRegion)}</h2>
          <Plot label={ratesSentence(node, isRegion)} samples={samples} lines={lines} words={rate} />
          <h2>{queueSentence(node, queued)}</h2>
          <Plot label={queueSentence(node, queued)} samples={samples} lines={[{ name: queued, values: samples.map(({ waiting }) => waiting) }]} words={number} />
          <p class="quiet">Shaded: the node was not ready, isolated, or did not answer this browser. Operations a second; the {queued} counts {isRegion ? 'records of the log' : 'operations'}. Drawn while this page is open, twenty minutes at most.</p>
        </>
      )}
    </main>
  );
}

function ratesSentence(node: Watched, isRegion: boolean): string {
  const arrived = rateOf(node.samples, 'arrived');
  const applied = rateOf(node.samples, 'applied');
  if (arrived === undefined) return 'How much arrives is not known now';
  if (!isRegion) return `${rate(arrived)} arrive`;
  return applied === undefined ? `${rate(arrived)} arrive` : `${rate(arrived)} arrive, and the database takes ${rate(applied)}`;
}

function queueSentence(node: Watched, queued: string): string {
  const waiting = node.samples.at(-1)?.waiting;
  if (waiting === undefined) return `How long the ${queued} is is not known now`;
  const growing = rateOf(node.samples, 'waiting') ?? 0;
  if (waiting === 0) return `The ${queued} is empty`;
  const length = `${count(waiting, 'waits', 'wait')} in the ${queued}`;
  if (growing <= -1) return `${length}, about ${span((waiting / -growing) * 1000)} left at ${rate(-growing)}`;
  return growing >= 1 ? `${length}, and ${rate(growing)} more` : length;
}
