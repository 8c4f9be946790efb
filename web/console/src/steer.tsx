import { useEffect, useState } from 'preact/hooks';
import { Action, Heading, Rows } from './parts.js';
import type { AuditEntry, Endpoint, Explanation, Standing } from './told.js';
import { type Watch, type Watched, nowOf } from './watch.js';
import { ago, clock, exactly } from './words.js';

const AUDIT_EVERY = 10_000;

/** The pools, how their endpoints stand, who was told what and why. */
export function SteerPage({ watch }: { watch: Watch }) {
  const steers = watch.ofKind('steer');
  const node = steers.find(({ reach }) => reach.state === 'reached') ?? steers.find(({ told }) => told !== undefined);
  if (node?.told?.steer === undefined) {
    return (
      <main>
        <Heading>Steer</Heading>
        <p>{steers.length === 0 ? 'No steer is named to this page.' : `No steer answers this browser. Asked: ${steers.map(({ name }) => name).join(', ')}.`}</p>
      </main>
    );
  }
  const { endpoints } = node.told.steer;
  const pools = [...new Set(endpoints.map(poolOf))];
  return (
    <main class={node.reach.state === 'silent' ? 'grey' : ''}>
      <Heading>Steer</Heading>
      <p class="quiet">
        As {node.name} sees it{node.reach.state === 'silent' ? `, ${ago(node.toldAt ?? 0, Date.now())}` : ''}. What is told to one steer all of them hear.
      </p>
      {pools.map((pool) => (
        <section key={pool} aria-labelledby={`pool-${pool}`}>
          <h2 id={`pool-${pool}`}>Pool {pool}</h2>
          <ul class="cards">
            {endpoints
              .filter((each) => poolOf(each) === pool)
              .map((endpoint) => (
                <EndpointRow key={endpoint.endpoint} watch={watch} node={node} endpoint={endpoint} />
              ))}
          </ul>
        </section>
      ))}
      <Explain watch={watch} node={node} />
      <Audit watch={watch} node={node} />
    </main>
  );
}

function poolOf({ endpoint }: Endpoint): string {
  return endpoint.slice(0, endpoint.indexOf('/'));
}

function EndpointRow({ watch, node, endpoint }: { watch: Watch; node: Watched; endpoint: Endpoint }) {
  const now = nowOf(node);
  const name = endpoint.endpoint.slice(endpoint.endpoint.indexOf('/') + 1);
  const { seen, drain } = endpoint;
  const out = drain !== undefined;
  const path = (why: string): string => {
    const query = new URLSearchParams({ endpoint: endpoint.endpoint, why });
    if (out) query.set('undo', 'true');
    return `/v1/steer/drain?${query}`;
  };
  return (
    <li>
      <div>
        <p class="name">{name}</p>
        {Object.entries(endpoint.standings).map(([line, standing]) => (
          <p key={line} class={`standing ${standing.state}`}>
            <strong>{standing.state}</strong>
            {line === 'default' ? '' : ` for ${line}`}
            {sinceWords(standing, now)}: {standing.reason}
          </p>
        ))}
        {drain !== undefined && (
          <p class="quiet">
            Drained by {drain.who} at {clock(Date.parse(drain.at), now)}
            {drain.why === '' ? '' : `: ${drain.why}`}
          </p>
        )}
        {seen !== undefined && (
          <p class="quiet">
            {node.name} sees it {seen.state}
            {seen['took-millis'] === undefined ? '' : `, answered in ${seen['took-millis'].toFixed(0)} ms`}
            {seen.looked === undefined ? '' : `, looked ${ago(Date.parse(seen.looked), now)}`}
          </p>
        )}
      </div>
      <Action
        words={out ? 'Put back' : 'Drain'}
        question={out ? `Name ${name} in answers again?` : `Take ${name} out of all answers? Users who have its address keep it until their resolvers ask again.`}
        allowed={node.told?.you['may-act'] === true}
        act={(why) => watch.act(node, path(why))}
      />
    </li>
  );
}

function sinceWords(standing: Standing, now: number): string {
  return standing.since === undefined ? '' : ` since ${clock(Date.parse(standing.since), now)}`;
}

function Explain({ watch, node }: { watch: Watch; node: Watched }) {
  const [name, setName] = useState('');
  const [type, setType] = useState('A');
  const [client, setClient] = useState('');
  const [told, setTold] = useState<Explanation>();
  const [problem, setProblem] = useState<string>();
  const explain = async (event: Event): Promise<void> => {
    event.preventDefault();
    setTold(undefined);
    setProblem(undefined);
    try {
      setTold((await watch.get(node, `/v1/steer/explain?${new URLSearchParams({ name: name.trim(), type, client: client.trim() })}`)) as Explanation);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <section aria-labelledby="explain">
      <h2 id="explain">How would a user be answered, and why?</h2>
      <form class="fields" onSubmit={(event) => void explain(event)}>
        <label>
          Name
          <input value={name} required autocapitalize="off" spellcheck={false} placeholder="region.holdfast.test" onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <label>
          Type
          <select value={type} onChange={(event) => setType(event.currentTarget.value)}>
            {['A', 'AAAA', 'SRV', 'HTTPS', 'TXT'].map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <label>
          The user’s address
          <input value={client} required spellcheck={false} placeholder="192.0.2.7" onInput={(event) => setClient(event.currentTarget.value)} />
        </label>
        <button type="submit">Explain</button>
      </form>
      {problem !== undefined && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {told !== undefined && (
        <div class="card" role="status">
          <p class="name">{told.answer.length === 0 ? told.code : told.answer.join('; ')}</p>
          <p class="quiet">
            Line {told.line}: {told['line-reason']}
          </p>
          <ul>
            {told.steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
            {told.pools.flatMap(({ pool, how, endpoints }) => [
              <li key={pool}>
                Pool {pool}: {how}
              </li>,
              ...endpoints.map((each) => (
                <li key={each.endpoint} class="quiet">
                  {each.endpoint}: {each.standing.state}, {each.reason}
                </li>
              )),
            ])}
          </ul>
        </div>
      )}
    </section>
  );
}

function Audit({ watch, node }: { watch: Watch; node: Watched }) {
  const [entries, setEntries] = useState<AuditEntry[]>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    let over = false;
    const look = async (): Promise<void> => {
      try {
        const told = (await watch.get(node, '/v1/steer/audit?limit=50')) as { entries: AuditEntry[] };
        if (over) return;
        setEntries(told.entries.reverse());
        setProblem(undefined);
      } catch (error) {
        if (!over) setProblem(error instanceof Error ? error.message : String(error));
      }
    };
    void look();
    const timer = setInterval(() => void look(), AUDIT_EVERY);
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [watch, node]);
  const now = nowOf(node);
  return (
    <section aria-labelledby="audit">
      <h2 id="audit">What changed, as {node.name} wrote it down</h2>
      {problem !== undefined && <p class="problem">Not read: {problem}</p>}
      {entries === undefined && problem === undefined && <p class="quiet">Being read</p>}
      {entries !== undefined && (
        <Rows
          label="Audit trail"
          columns={['When', 'What', 'Endpoint', 'Who']}
          rows={entries}
          name={({ at, what, endpoint, line }) => `${at} ${what} ${endpoint ?? ''} ${line ?? ''}`}
          cells={({ at, what, endpoint, line, who }) => [exactly(Date.parse(at), now), what, [endpoint, line === undefined || line === 'default' ? undefined : `line ${line}`].filter(Boolean).join(', '), who ?? '']}
        />
      )}
    </section>
  );
}
