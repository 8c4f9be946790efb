import { newestRevocations, quarantineOf } from './told.js';
import { type Watched, nameOf, nowOf, rateOf } from './watch.js';
import { bytes, clock, count, number, rate, span } from './words.js';

/** How bad: an alarm is for now, a warning for today, a note is only to be known. */
export type Weight = 'alarm' | 'warning' | 'note';

/** What is wrong, how badly, and what to do. */
export interface Trouble {
  weight: Weight;
  node: string;
  what: string;
  todo: string;
  /** Where more of it stands. */
  link: string;
}

const WEIGHTS: readonly Weight[] = ['alarm', 'warning', 'note'];
const MUCH = 1_000;
const FULL = 0.8;
const SKEW = 60_000;

/** Everything that is not as it should be, the worst first. */
export function troublesOf(nodes: readonly Watched[]): Trouble[] {
  const all = nodes.flatMap((node) => (node.reach.state === 'silent' ? [silent(node)] : spoken(node, nodes)));
  const seen = new Set<string>();
  return all
    .filter(({ what }) => !seen.has(what) && seen.add(what) !== undefined)
    .sort((a, b) => WEIGHTS.indexOf(a.weight) - WEIGHTS.indexOf(b.weight));
}

function silent(node: Watched): Trouble {
  const { since, why } = node.reach as Extract<Watched['reach'], { state: 'silent' }>;
  const now = Date.now();
  const last = node.told === undefined ? 'It has not been heard yet.' : 'What it said last is shown in grey.';
  return {
    weight: 'alarm',
    node: node.name,
    what: `${node.name} does not answer this browser since ${clock(since, now)} (${span(now - since)}): ${why}`,
    todo: `${last} See whether its process runs, and whether this browser trusts its certificate: open ${node.address}/readyz`,
    link: `#/node/${node.name}`,
  };
}

function spoken(node: Watched, nodes: readonly Watched[]): Trouble[] {
  const { told } = node;
  if (told === undefined) return [];
  const now = nowOf(node);
  const link = `#/node/${node.name}`;
  const troubles: Trouble[] = [];
  const add = (weight: Weight, what: string, todo: string, where = link): void => {
    troubles.push({ weight, node: node.name, what, todo, link: where });
  };

  for (const check of told.state.checks) {
    if (check.failure !== undefined) add('alarm', `${node.name}: ${check.name}: ${check.failure}`, 'Until that is mended it is not ready, and others go elsewhere');
  }

  const { region, backlog, store } = told;
  if (region !== undefined && backlog !== undefined) {
    const waiting = count(backlog.operations, 'operation');
    if (!region.up) {
      const since = Date.parse(region.since);
      const oldest = backlog.oldest === undefined ? '' : `, oldest ${span(now - Date.parse(backlog.oldest))}`;
      add(
        'warning',
        `${node.name} is isolated since ${clock(since, now)}, backlog ${waiting} (${bytes(backlog.bytes)})${oldest}`,
        `Work goes on at the edge and nothing is lost; it goes on by itself once a region is reached. Last attempt: ${region.reason ?? ''}`,
      );
    } else if (backlog.operations > MUCH) {
      const falling = -(rateOf(node.samples, 'waiting') ?? 0);
      const left = falling > 0 ? `, about ${span((backlog.operations / falling) * 1000)} left` : '';
      add('note', `${node.name} is draining ${falling > 0 ? rate(falling) : `${waiting}`}${left}`, 'Nothing to do: fresh writes go first', `#/herd/${node.name}`);
    }
  }
  if (store !== undefined && store['most-bytes'] > 0 && store.bytes / store['most-bytes'] >= FULL)
    add(
      'warning',
      `${node.name}: its store is ${Math.floor((100 * store.bytes) / store['most-bytes'])} % full, ${bytes(store.bytes)} of ${bytes(store['most-bytes'])}`,
      'Raise max-store in its settings and start it again before it is full: then it takes no more writes',
    );

  if ((told.queue ?? 0) > MUCH) {
    const falling = -(rateOf(node.samples, 'waiting') ?? 0);
    add(
      'note',
      `${node.name}: ${count(told.queue ?? 0, 'record')} in the queue, ${falling > 0 ? `falling ${rate(falling)}, about ${span(((told.queue ?? 0) / falling) * 1000)} left` : 'growing'}`,
      'The log holds them; workers apply at the pace that the database sustains',
      `#/herd/${node.name}`,
    );
  }
  const failure = told.database?.failure;
  if (failure !== undefined && !told.state.checks.some((check) => check.failure !== undefined)) add('warning', `${node.name}: its database cannot be read: ${failure}`, 'Lists of it are as they were read last');

  const kept = told.quarantined ?? quarantineOf(told).listed.length;
  if (kept > 0) add('warning', `${node.name}: ${count(kept, 'batch', 'batches')} in quarantine`, 'See which documents they are about, have them written again, settle them', '#/kept');
  const conflicts = told.database?.conflicts;
  if (conflicts !== undefined && conflicts.count > 0)
    add(
      'note',
      `${node.name}: ${conflicts['count-is-all'] ? '' : 'more than '}${count(conflicts.count, 'document')} in conflict`,
      'Whoever works with them chooses; both values are kept until then',
      '#/kept',
    );
  for (const mirror of told.database?.mirror ?? []) {
    const state = mirror.paused !== undefined ? 'paused' : mirror.report?.state;
    const since = mirror.paused ?? mirror.report?.since;
    if (state === undefined || since === undefined || state === 'following') continue;
    const lacks = mirror.report?.lag?.operations;
    const behind = lacks === undefined || lacks === 0 ? '' : `, lacks ${number(lacks)} operations of it`;
    add(
      state === 'refused' ? 'alarm' : 'warning',
      `${node.name} does not follow ${nameOf(nodes, mirror.peer)} since ${clock(Date.parse(since), now)} (${state})${behind}`,
      state === 'paused' ? 'Somebody paused it; resume it on the page of the region' : (mirror.report?.reason ?? 'It tries again by itself'),
    );
  }

  const { revocations } = told;
  if (revocations !== undefined) {
    const newest = newestRevocations(nodes.map((each) => each.told)).serial;
    if (revocations.trouble !== undefined) add('alarm', `${node.name}: what is revoked is ${revocations.trouble}`, 'Until then it lets everybody in whose grant is not over', '#/grants');
    else if (revocations.serial < newest)
      add('warning', `${node.name} does not know yet who is revoked: its list is ${number(revocations.serial)}, the newest ${number(newest)}`, 'It hears of it within a minute of reaching a node that knows; or hand it the list', '#/grants');
  }

  const { steer } = told;
  if (steer !== undefined) {
    if (steer.blind) add('alarm', `${node.name} sees and hears nothing`, 'It answers as it did last; look at its own network');
    if (steer['zones-trouble'] !== undefined) add('alarm', `${node.name}: the zones file does not hold: ${steer['zones-trouble']}`, 'It goes by the last one that did', '#/steer');
    if (steer['audit-trouble'] !== undefined) add('warning', `${node.name}: the audit trail ${steer['audit-trouble']}`, 'Make room on its disk', '#/steer');
    for (const peer of steer.peers) if (!peer.heard) add('warning', `${node.name} does not hear ${peer.peer}`, 'Those that hear each other decide', '#/steer');
    for (const { endpoint, standings, drain } of steer.endpoints) {
      if (drain !== undefined) {
        const until = drain.until === undefined ? 'until it is put back' : `until ${clock(Date.parse(drain.until), now)}`;
        troubles.push({ weight: 'note', node: node.name, what: `${endpoint} is drained ${until}, by ${drain.who}`, todo: drain.why || 'No reason was given', link: '#/steer' });
        continue;
      }
      const down = Object.entries(standings).find(([, standing]) => standing.state === 'down');
      if (down !== undefined)
        troubles.push({ weight: 'warning', node: node.name, what: `${endpoint} is down for ${down[0] === 'default' ? 'users' : `users of ${down[0]}`}`, todo: down[1].reason, link: '#/steer' });
    }
  }

  if (node.toldAt !== undefined) {
    const skew = Date.parse(told.now) - node.toldAt;
    if (Math.abs(skew) > SKEW) add('warning', `${node.name}: its clock is ${span(Math.abs(skew))} ${skew > 0 ? 'ahead of' : 'behind'} this browser’s`, 'One of the two is wrong');
  }
  return troubles;
}
