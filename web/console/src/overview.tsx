import { RingMap } from './map.js';
import { Mark, weightOf } from './marks.js';
import { Heading } from './parts.js';
import { SwitchPanel } from './switches.js';
import { type Trouble, troublesOf } from './troubles.js';
import { type Watch, type Watched, nowOf, rateOf } from './watch.js';
import { bytes, clock, count, number, rate, span } from './words.js';

/** What is wrong, and where everything is. */
export function Overview({ watch }: { watch: Watch }) {
  const troubles = troublesOf(watch.nodes);
  const heard = watch.nodes.filter(({ reach }) => reach.state === 'reached').length;
  const asked = watch.nodes.some(({ reach }) => reach.state === 'asked');
  return (
    <main>
      <Heading>{summary(troubles, asked)}</Heading>
      <p class="quiet" role="status">
        {heard} of {count(watch.nodes.length, 'node')} {heard === 1 ? 'answers' : 'answer'} this browser
      </p>
      {troubles.length > 0 && <Annunciator troubles={troubles} />}
      <div class="beside">
        <section aria-label="Map">
          <RingMap watch={watch} />
        </section>
        <section aria-label="Nodes">
          <ul class="nodes">
            {watch.nodes.map((node) => (
              <NodeRow key={node.address} node={node} />
            ))}
          </ul>
        </section>
      </div>
      {watch.switches !== undefined && <SwitchPanel watch={watch} switches={watch.switches} />}
    </main>
  );
}

function summary(troubles: Trouble[], asked: boolean): string {
  const alarms = troubles.filter(({ weight }) => weight === 'alarm').length;
  const warnings = troubles.filter(({ weight }) => weight === 'warning').length;
  if (alarms > 0 && warnings > 0) return `${count(alarms, 'alarm')}, ${count(warnings, 'warning')}`;
  if (alarms > 0) return count(alarms, 'alarm');
  if (warnings > 0) return count(warnings, 'warning');
  return asked ? 'Asking the nodes' : 'All is well';
}

/** Notes only on request, so that what matters and the map are on one screen. */
function Annunciator({ troubles }: { troubles: Trouble[] }) {
  const notes = troubles.filter(({ weight }) => weight === 'note');
  const worse = troubles.filter(({ weight }) => weight !== 'note');
  return (
    <>
      {worse.length > 0 && <TroubleList label="What is wrong" troubles={worse} />}
      {notes.length > 0 && (
        <details>
          <summary>{count(notes.length, 'note')}</summary>
          <TroubleList label="Notes" troubles={notes} />
        </details>
      )}
    </>
  );
}

function TroubleList({ label, troubles }: { label: string; troubles: Trouble[] }) {
  return (
    <ul class="annunciator" aria-label={label}>
      {troubles.map(({ weight, what, todo, link }) => (
        <li key={what.replace(/[\d,.]+/g, '')} class={weight}>
          <Mark weight={weight} />
          <div>
            <a href={link}>{what}</a>
            <p class="quiet">{todo}</p>
          </div>
        </li>
      ))}
    </ul>
  );
}

function NodeRow({ node }: { node: Watched }) {
  return (
    <li class={node.reach.state === 'silent' ? 'grey' : ''}>
      <a href={`#/node/${node.name}`}>
        <Mark weight={weightOf(node)} />
        <span class="who">
          <span class="name">
            {node.name} <span class="quiet">{node.kind}</span>
          </span>
          <span class="quiet">{stateWords(node)}</span>
        </span>
        <span class="figures">{figures(node).map((figure) => (
          <span key={figure}>{figure}</span>
        ))}</span>
      </a>
    </li>
  );
}

export function stateWords(node: Watched): string {
  const { reach, told } = node;
  if (reach.state === 'asked') return 'being asked';
  if (reach.state === 'silent') return `does not answer since ${clock(reach.since, Date.now())}: ${reach.why}`;
  if (told === undefined) return '';
  const failing = told.state.checks.filter(({ failure }) => failure !== undefined);
  if (failing.length > 0) return `not ready: ${failing.map(({ name }) => name).join(', ')}`;
  if (told.region?.up === false) return `isolated since ${clock(Date.parse(told.region.since), nowOf(node))}`;
  return `ready, runs for ${span(nowOf(node) - Date.parse(told.started))}`;
}

function figures(node: Watched): string[] {
  const { told, samples } = node;
  if (told === undefined) return [];
  const said: string[] = [];
  if (told.kind === 'edge' && told.backlog !== undefined) {
    said.push(`${number(told.backlog.operations)} waiting`);
    if (told.backlog.operations > 0) said.push(bytes(told.backlog.bytes));
  }
  if (told.kind === 'region') {
    if (told.queue !== undefined) said.push(`${number(told.queue)} in the queue`);
    const applied = rateOf(samples, 'applied');
    if (applied !== undefined) said.push(`${rate(applied)} applied`);
  }
  if (told.clients !== undefined) said.push(count(told.clients.open, 'client'));
  if (told.steer !== undefined) {
    const out = told.steer.endpoints.filter(({ standings }) => Object.values(standings).some(({ state }) => state !== 'up')).length;
    said.push(`${number(told.steer.endpoints.length - out)} of ${count(told.steer.endpoints.length, 'endpoint')} up`);
  }
  return said;
}
