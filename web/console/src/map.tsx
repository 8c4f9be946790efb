import { weightOf } from './marks.js';
import { useWidth } from './parts.js';
import { type Client, waitingOf } from './told.js';
import { type Watch, type Watched, nowOf } from './watch.js';
import { clock, count, number, span } from './words.js';

/** More are told as a number. */
const MOST_DEVICES = 60;
const MOST_OF_ONE = 24;
const MOST_HEIGHT = 480;
/** Beyond these edges their names would stand upon each other; the list beside has them. */
const MOST_NAMED = 8;
const LATELY = 24 * 3_600_000;

const ROOM_FOR_WORDS = 48;

interface Point {
  x: number;
  y: number;
}

interface Placed extends Point {
  node: Watched;
  angle: number;
}

type State = 'up' | 'cut' | 'unknown';

/** A way between a node and another, along the rings, so that it crosses nothing. */
interface Link {
  from: Placed;
  to: Placed;
  state: State;
  radius: number;
}

interface Dot extends Point {
  client: Client;
  to: Placed;
  heard: string;
}

/**
 * The three rings: devices inside, edges around them, regions outside; a ring whose nodes do not reach the next is drawn
 * broken. Where a node does not answer this browser it stays as it was heard last, greyed.
 */
export function RingMap({ watch }: { watch: Watch }) {
  const [frame, width] = useWidth();
  return (
    <div class="map" ref={frame}>
      {width > 0 && <Drawing watch={watch} width={width} />}
    </div>
  );
}

function Drawing({ watch, width }: { watch: Watch; width: number }) {
  const height = Math.min(MOST_HEIGHT, Math.round(width * 0.98));
  const outer = Math.min(height / 2 - 36, width / 2 - 48);
  const middle: Point = { x: width / 2, y: height / 2 };
  const radii = { region: outer, between: outer * 0.82, edge: outer * 0.64, device: outer * 0.3 };

  const regions = around(watch.ofKind('region'), middle, radii.region);
  const edges = around(watch.ofKind('edge'), middle, radii.edge);
  const links = [...edges.flatMap((edge) => upward(edge, regions, radii.between)), ...mirrors(regions, radii.region)];
  const { dots, more } = devices([...edges, ...regions], middle, radii.device);

  const isOuterWhole = regions.length > 0 && regions.every(({ node }) => isHeard(node)) && links.every(({ state }) => state === 'up');
  const isMiddleWhole = edges.length > 0 && edges.every(({ node }) => isHeard(node));
  return (
    <>
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="group" aria-label="The three rings">
        <Ring middle={middle} radius={radii.region} whole={isOuterWhole} />
        <Ring middle={middle} radius={radii.edge} whole={isMiddleWhole} />
        <Ring middle={middle} radius={radii.device} whole />
        {links.map((link) => (
          <path key={`${link.from.node.name}-${link.to.node.name}`} class={`link ${link.state}`} d={way(link, middle)} />
        ))}
        {dots.map((dot) => (
          <g key={`${dot.client.replica}-${dot.to.node.name}`} class={`device ${dot.client.open ? 'here' : 'gone'}`}>
            <title>{dot.heard}</title>
            {dot.client.open && <line x1={dot.x} y1={dot.y} x2={dot.to.x} y2={dot.to.y} />}
            <circle cx={dot.x} cy={dot.y} r="5" />
          </g>
        ))}
        {[...edges, ...regions].map((placed) => (
          <NodeMark key={placed.node.name} placed={placed} middle={middle} crowded={edges.length > MOST_NAMED} />
        ))}
        <text class="quiet centred" x={middle.x} y={middle.y + 4}>
          {radii.device > ROOM_FOR_WORDS ? count(dots.length + more, 'device') : number(dots.length + more)}
        </text>
      </svg>
      <p class="legend quiet">Inside the devices and their number, around them the edges, outside the regions. Dashed is cut; hollow is not heard.</p>
    </>
  );
}

/** Evenly from the top; two or three beside each other there, where their names have room. */
function around(nodes: Watched[], middle: Point, radius: number): Placed[] {
  const step = nodes.length <= 3 ? Math.PI / 2.5 : (2 * Math.PI) / nodes.length;
  return nodes.map((node, index) => {
    const angle = -Math.PI / 2 + (index - (nodes.length - 1) / 2) * step;
    return { node, angle, ...at(middle, radius, angle) };
  });
}

function at(middle: Point, radius: number, angle: number): Point {
  return { x: middle.x + radius * Math.cos(angle), y: middle.y + radius * Math.sin(angle) };
}

function isHeard(node: Watched): boolean {
  return node.reach.state === 'reached';
}

function upward(edge: Placed, regions: Placed[], radius: number): Link[] {
  const region = edge.node.told?.region;
  if (region === undefined) return [];
  const known = isHeard(edge.node);
  if (!region.up) return regions.map((to) => ({ from: edge, to, radius, state: known ? 'cut' : 'unknown' }));
  const to = regions.find(({ node }) => node.told?.replica === region.replica) ?? regions.find(({ node }) => node.address === region.address);
  return to === undefined ? [] : [{ from: edge, to, radius, state: known ? 'up' : 'unknown' }];
}

/** Between regions: whole only where both follow each other. */
function mirrors(regions: Placed[], radius: number): Link[] {
  const links: Link[] = [];
  for (const [index, from] of regions.entries()) {
    for (const to of regions.slice(index + 1)) {
      const views = [follows(from.node, to.node), follows(to.node, from.node)].filter((state) => state !== undefined);
      if (views.length > 0) links.push({ from, to, radius, state: views.includes('cut') ? 'cut' : views.includes('unknown') ? 'unknown' : 'up' });
    }
  }
  return links;
}

function follows(one: Watched, other: Watched): State | undefined {
  const link = one.told?.database?.mirror?.find(({ peer }) => peer === new URL(other.address).host);
  if (link === undefined) return undefined;
  if (!isHeard(one)) return 'unknown';
  return link.paused === undefined && link.report?.state === 'following' ? 'up' : 'cut';
}

function way({ from, to, radius }: Link, middle: Point): string {
  const start = at(middle, radius, from.angle);
  const end = at(middle, radius, to.angle);
  const turn = Math.atan2(Math.sin(to.angle - from.angle), Math.cos(to.angle - from.angle));
  const arc = Math.abs(turn) < 0.01 ? '' : `A${radius} ${radius} 0 0 ${turn > 0 ? 1 : 0} ${end.x} ${end.y}`;
  return `M${from.x} ${from.y}L${start.x} ${start.y}${arc}L${to.x} ${to.y}`;
}

/** Side by side, in the order of the nodes that they are at, so that the lines to these cross as little as can be. */
function devices(nodes: Placed[], middle: Point, radius: number): { dots: Dot[]; more: number } {
  const found: Omit<Dot, 'x' | 'y'>[] = [];
  let more = 0;
  const taken = new Set<string>();
  for (const to of nodes.toSorted((a, b) => a.angle - b.angle)) {
    const now = nowOf(to.node);
    const all = (to.node.told?.clients?.listed ?? []).filter(({ role, heard, replica }) => role === 'device' && now - Date.parse(heard) < LATELY && !taken.has(replica));
    const room = Math.max(0, Math.min(MOST_OF_ONE, MOST_DEVICES - found.length));
    more += Math.max(0, all.length - room);
    for (const client of all.slice(0, room)) {
      taken.add(client.replica);
      const state = client.open ? `at ${to.node.name}` : `last heard ${span(now - Date.parse(client.heard))} ago at ${to.node.name}`;
      found.push({ client, to, heard: `${client.subject}, ${state}` });
    }
  }
  const step = Math.min(0.45, (2 * Math.PI) / Math.max(1, found.length));
  const dots = found.map((dot, index) => ({ ...dot, ...at(middle, radius, -Math.PI / 2 + (index - (found.length - 1) / 2) * step) }));
  return { dots, more };
}

function Ring({ middle, radius, whole }: { middle: Point; radius: number; whole: boolean }) {
  return <circle class={whole ? 'ring' : 'ring broken'} cx={middle.x} cy={middle.y} r={radius} />;
}

/** A region is named outside its ring, an edge beside itself, with what waits there. */
function NodeMark({ placed, middle, crowded }: { placed: Placed; middle: Point; crowded: boolean }) {
  const { node, x, y } = placed;
  const weight = weightOf(node);
  const state = { well: 'well', silent: 'does not answer', alarm: 'not ready', warning: 'isolated' }[weight];
  const said = words(node);
  const above = y < middle.y + 1;
  const right = x >= middle.x - 1;
  const isRegion = node.kind === 'region';
  const isNamed = isRegion || !crowded;
  const x0 = isRegion ? x : right ? x + 16 : x - 16;
  const y0 = isRegion ? (above ? y - 18 : y + 28) : y + 5;
  const align = isRegion ? 'centred' : right ? '' : 'end';
  return (
    <g class={`node ${weight}`}>
      <a href={`#/node/${node.name}`} aria-label={[`${node.kind} ${node.name}`, state, ...said].join(', ')}>
        <circle class="touch" cx={x} cy={y} r="22" />
        <circle class="body" cx={x} cy={y} r={isRegion ? 12 : 9} />
        {isNamed && (
          <text class={`name ${align}`} x={x0} y={y0}>
            {node.name}
          </text>
        )}
      </a>
      {isNamed &&
        said.map((line, index) => (
          <text key={index} class={`quiet ${align}`} x={x0} y={y0 + 16 * (index + 1)}>
            {line}
          </text>
        ))}
    </g>
  );
}

function words(node: Watched): string[] {
  const { told } = node;
  if (told?.region === undefined) return [];
  const said = [`${number(waitingOf(told) ?? 0)} waiting`];
  if (!told.region.up) said.push(`cut since ${clock(Date.parse(told.region.since), nowOf(node))}`);
  return said;
}
