import type { ComponentChildren } from 'preact';
import { Mark, weightOf } from './marks.js';
import { stateWords } from './overview.js';
import { Action, Facts, Heading, Rows } from './parts.js';
import { type Client, type MirrorLink, type Told, appliedOf, arrivedOf, scopesOf } from './told.js';
import { type Watch, type Watched, nameOf, nowOf, rateOf } from './watch.js';
import { ago, bytes, clock, count, number, rate, short, span } from './words.js';

/** All that one node knows of itself. */
export function NodePage({ watch, name }: { watch: Watch; name: string }) {
  const node = watch.find(name);
  if (node === undefined) {
    return (
      <main>
        <Heading>No node is called {name}</Heading>
        <p>
          <a href="#/">Back to the map</a>
        </p>
      </main>
    );
  }
  const { told } = node;
  const silent = node.reach.state === 'silent';
  return (
    <main class={silent ? 'grey' : ''}>
      <Heading>
        {node.name} <span class="quiet">{node.kind}</span>
      </Heading>
      <p class="state">
        <Mark weight={weightOf(node)} /> {stateWords(node)}
      </p>
      {silent && told !== undefined && <p class="card warning">This is what it said {ago(node.toldAt ?? 0, Date.now())}. Whether it runs, and only this browser does not hear it, cannot be known here.</p>}
      {silent && told === undefined && <p class="card warning">It has said nothing to this page yet. See whether its process runs, and whether this browser trusts its certificate: open <a href={`${node.address}/readyz`}>{node.address}/readyz</a></p>}
      {told !== undefined && <About watch={watch} node={node} told={told} />}
    </main>
  );
}

function About({ watch, node, told }: { watch: Watch; node: Watched; told: Told }) {
  const now = nowOf(node);
  return (
    <>
      <Facts facts={facts(node, told, now)} />
      {told.database?.mirror !== undefined && told.database.mirror.length > 0 && (
        <section aria-labelledby="mirror">
          <h2 id="mirror">Other regions that it follows</h2>
          {told.database.mirror.map((link) => (
            <Mirror key={link.peer} watch={watch} node={node} link={link} now={now} />
          ))}
        </section>
      )}
      <Checks told={told} />
      {told.clients !== undefined && <Clients clients={told.clients} now={now} />}
      <Scopes told={told} />
    </>
  );
}

function facts(node: Watched, told: Told, now: number): [string, ComponentChildren][] {
  const rows: [string, ComponentChildren][] = [];
  const { region, backlog, store, counters } = told;
  if (region !== undefined) {
    rows.push([
      'Region',
      region.up
        ? `reached since ${clock(Date.parse(region.since), now)} at ${region.address ?? ''}${region.live === true ? '' : ', by polling'}`
        : `not reached since ${clock(Date.parse(region.since), now)} (${span(now - Date.parse(region.since))}): ${region.reason ?? ''}`,
    ]);
  }
  if (backlog !== undefined) {
    const oldest = backlog.oldest === undefined ? '' : `, the oldest ${span(now - Date.parse(backlog.oldest))} old`;
    rows.push(['Backlog', `${count(backlog.operations, 'operation')}, ${bytes(backlog.bytes)}${oldest}`]);
    if (backlog.operations > 0)
      rows.push(['Of these', `${number(backlog.operations - backlog['at-region'])} are safe here alone, ${number(backlog['at-region'])} also in a region's log and not yet in its record`]);
  }
  if (store !== undefined) rows.push(['Store', `${bytes(store.bytes)} of ${bytes(store['most-bytes'])}`]);
  if (told.queue !== undefined) rows.push(['Queue', `${count(told.queue, 'record')} that workers have not applied`]);
  const applied = appliedOf(told);
  if (applied !== undefined) rows.push(['Applied', `${count(applied, 'operation')} since the start, ${rateWords(node, 'applied')}`]);
  const arrived = arrivedOf(told);
  if (arrived !== undefined) rows.push(['Arrived', `${count(arrived, 'operation')} since the start, ${rateWords(node, 'arrived')}`]);
  if (counters !== undefined) {
    rows.push(['Pushed', `${count(counters.operations, 'operation')} in ${count(counters.batches, 'batch', 'batches')} by clients since the start`]);
    if (told['api-writes'] !== undefined) rows.push(['Over HTTP', `${count(told['api-writes'], 'write')} by the plain API since the start`]);
    rows.push(['Traffic', `${bytes(counters['bytes-in'])} in, ${bytes(counters['bytes-out'])} out`]);
    const refused = Object.entries(counters.refused);
    rows.push(['Refused', refused.length === 0 ? 'none since the start' : refused.map(([code, times]) => `${code} ${number(times)}`).join(', ')]);
    if (counters.paused > 0) rows.push(['Told to wait', `${count(counters.paused, 'push', 'pushes')}`]);
  }
  if (told.state['lag-seconds'] !== undefined && told.state['lag-seconds'] >= 1) rows.push(['Behind', span(told.state['lag-seconds'] * 1000)]);
  rows.push(['Runs since', `${clock(Date.parse(told.started), now)} (${span(now - Date.parse(told.started))})`]);
  rows.push(['Address', node.address]);
  if (told.replica !== undefined) rows.push(['Replica', <code>{told.replica}</code>]);
  if (told.steer !== undefined) rows.push(['DNS', told.steer.dns.join(', ')], ['Stands in', `line ${told.steer.line}`]);
  if (told.kind === 'region') rows.push(['Database read', told.database?.read === undefined ? 'being read' : ago(Date.parse(told.database.read), now)]);
  return rows;
}

function rateWords(node: Watched, of: 'arrived' | 'applied'): string {
  if (node.reach.state !== 'reached') return 'as it said last';
  const now = rateOf(node.samples, of);
  return now === undefined ? 'rate not known yet' : `${rate(now)} now`;
}

function Mirror({ watch, node, link, now }: { watch: Watch; node: Watched; link: MirrorLink; now: number }) {
  const paused = link.paused !== undefined;
  const verb = paused ? 'resume' : 'pause';
  const peer = nameOf(watch.nodes, link.peer);
  return (
    <div class="mirror">
      <div>
        <p class="name">
          {peer} <span class="quiet">{peer === link.peer ? '' : link.peer}</span>
        </p>
        <p class="quiet">{mirrorWords(link, now)}</p>
      </div>
      <Action
        words={paused ? 'Resume' : 'Pause'}
        question={paused ? `Let ${node.name} follow ${peer} again?` : `Stop ${node.name} from following ${peer}? What it lacks grows until it is resumed; nothing is lost.`}
        allowed={node.told?.you['may-act'] === true}
        act={() => watch.act(node, `/v1/mirror/${encodeURIComponent(link.peer)}/${verb}`)}
      />
    </div>
  );
}

function mirrorWords(link: MirrorLink, now: number): string {
  const { report } = link;
  const lag = report?.lag;
  const lacks =
    lag?.operations === undefined
      ? lag?.unknown === undefined
        ? ''
        : `; how far behind is not known: ${lag.unknown}`
      : lag.operations === 0
        ? '; lacks nothing'
        : `; lacks ${lag.exact === false ? 'at least ' : ''}${count(lag.operations, 'operation')}${lag.seconds !== undefined && lag.seconds > 0 ? `, ${span(lag.seconds * 1000)} behind` : ''}`;
  if (link.paused !== undefined) return `paused since ${clock(Date.parse(link.paused), now)}${lacks}`;
  if (report === undefined) return 'nothing was said of it yet';
  const reason = report.reason === undefined ? '' : `: ${report.reason}`;
  return `${report.state} since ${clock(Date.parse(report.since), now)}${reason}${lacks}`;
}

function Checks({ told }: { told: Told }) {
  const facts = Object.entries(told.state.facts);
  return (
    <section aria-labelledby="checks">
      <h2 id="checks">Checks</h2>
      <ul class="checks">
        {told.state.checks.map(({ name, failure }) => (
          <li key={name}>
            <Mark weight={failure === undefined ? 'well' : 'alarm'} /> {name}
            {failure !== undefined && <span class="problem">{failure}</span>}
          </li>
        ))}
      </ul>
      {facts.length > 0 && (
        <details>
          <summary>What else it says</summary>
          <Facts facts={facts} />
        </details>
      )}
    </section>
  );
}

function Clients({ clients, now }: { clients: NonNullable<Told['clients']>; now: number }) {
  const { listed, open } = clients;
  const here = listed.filter((client) => client.open).length;
  return (
    <section aria-labelledby="clients">
      <h2 id="clients">{count(open, 'client')} here</h2>
      {listed.length === 0 ? (
        <p class="quiet">Nobody has come since it was started.</p>
      ) : (
        <Rows
          label="Clients"
          columns={['Who', 'Role', 'Replica', 'Heard']}
          rows={listed}
          name={(client: Client) => client.replica}
          cells={(client) => [
            client.subject,
            client.role,
            <code>{short(client.replica)}</code>,
            client.open ? `here since ${clock(Date.parse(client.since), now)}` : `last heard ${ago(Date.parse(client.heard), now)}`,
          ]}
        />
      )}
      {open > here && <p class="quiet">And {number(open - here)} more.</p>}
    </section>
  );
}

function Scopes({ told }: { told: Told }) {
  if (told.kind === 'steer') return null;
  const { listed, more } = scopesOf(told);
  return (
    <section aria-labelledby="scopes">
      <h2 id="scopes">Scopes</h2>
      {listed.length === 0 ? (
        <p class="quiet">Nothing was written yet.</p>
      ) : (
        <Rows label="Scopes" columns={['Scope', 'Batches in its feed']} rows={listed} name={({ scope }) => scope} cells={({ scope, feed }) => [scope, number(feed)]} />
      )}
      {more && <p class="quiet">And more: the first {listed.length} are shown.</p>}
    </section>
  );
}
