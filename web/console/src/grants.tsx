import { useState } from 'preact/hooks';
import { Copied, Heading, Rows } from './parts.js';
import { type Client, newestRevocations } from './told.js';
import { type Watch, type Watched, nowOf } from './watch.js';
import { ago, clock, count, number, short } from './words.js';

interface Seen extends Client {
  at: string[];
  words: string;
}

/** Who is known, how somebody is let in, and how out again. */
export function GrantsPage({ watch }: { watch: Watch }) {
  const { told } = watch.own;
  return (
    <main>
      <Heading>Grants</Heading>
      {told !== undefined && (
        <p>
          You are {told.you.subject}, and may {told.you['may-act'] ? 'look and act' : 'look, not act'}.
        </p>
      )}
      <Revoking watch={watch} />
      <section aria-labelledby="enrol">
        <h2 id="enrol">Let somebody in</h2>
        <p class="quiet">Grants are signed where the deployment’s keys are, which no node has: so by a command there, and not by this page.</p>
        <h3>A device</h3>
        <p>It shows its public key when it is set up.</p>
        <Copied label="To enrol a device" text="./holdfast grant issue --keys data/keys --key PUBLICKEY --subject nurse-amina --scope clinic-7:read,write=* --out amina.grant" />
        <h3>An edge</h3>
        <p>It gets a folder that it takes with it: certificate, key and grant.</p>
        <Copied label="To enrol an edge" text="./holdfast keys node edge-2 --role edge --san edge-2.example --keys data/keys" />
        <Copied label="To write its settings" text="./holdfast edge init edge-2.yaml --keys data/keys/nodes/edge-2 --region https://region.example:8443" />
        <h3>An operator</h3>
        <p>
          With <code>*:read</code> to look, with <code>*:read,write=*</code> to act.
        </p>
        <Copied label="To enrol an operator" text="./holdfast grant issue --keys data/keys --role operator --subject op-dalia --scope '*:read' --out dalia.grant" />
      </section>
      <section aria-labelledby="seen">
        <h2 id="seen">Who has come, since each node was started</h2>
        <SeenClients watch={watch} />
      </section>
    </main>
  );
}

/** Who is revoked, which nodes know, and the command by which somebody is. */
function Revoking({ watch }: { watch: Watch }) {
  const [key, setKey] = useState('');
  const newest = newestRevocations(watch.nodes.map((node) => node.told));
  const seen = seenOf(watch).filter((client) => client.key !== undefined);
  const chosen = seen.find((client) => client.key === key);
  const whose = chosen === undefined ? '--key PUBLICKEY --subject NAME' : `--key ${chosen.key} --subject ${quoted(chosen.subject)}`;
  const behind = watch.nodes.filter((node) => node.told !== undefined && (node.told.revocations?.serial ?? 0) < newest.serial);
  return (
    <section aria-labelledby="revoke">
      <h2 id="revoke">Keep somebody out</h2>
      <p class="quiet">
        Every grant for a key is revoked at once, by a command where the deployment’s keys are. One node is enough: regions and edges tell each other within a minute or two, also after a cut; a steer is told by name. What was written before stays.
      </p>
      <label>
        Who
        <select value={key} onChange={(event) => setKey(event.currentTarget.value)}>
          <option value="">somebody who is not listed here</option>
          {seen.map((client) => (
            <option key={client.replica} value={client.key}>
              {client.subject} ({client.role}, {short(client.replica)})
            </option>
          ))}
        </select>
      </label>
      <Copied label="To revoke" text={`./holdfast grant revoke --keys data/keys ${whose} --reason 'tablet stolen' --node ${watch.own.address}`} />
      {newest.serial === 0 ? (
        <p class="quiet">Nobody is revoked.</p>
      ) : (
        <>
          <h3>
            {count(newest.count, 'key')} revoked, by list {number(newest.serial)}
          </h3>
          {behind.length === 0 ? (
            <p class="quiet">Every node that answers knows it.</p>
          ) : (
            <ul>
              {behind.map((node) => (
                <li key={node.name}>{behindWords(node)}</li>
              ))}
            </ul>
          )}
          <Rows
            label="Who is revoked"
            columns={['Who', 'Since', 'Why', 'Key']}
            rows={newest.listed}
            name={(row) => row.key}
            cells={(row) => [row.subject, clock(Date.parse(row.at), nowOf(watch.own)), row.reason ?? '', <code>{short(row.key)}</code>]}
          />
          {newest.count > newest.listed.length && <p class="quiet">And {count(newest.count - newest.listed.length, 'older one')}.</p>}
        </>
      )}
    </section>
  );
}

function behindWords(node: Watched): string {
  const known = node.told?.revocations;
  if (known === undefined) return `${node.name} runs an older version, which revokes nothing`;
  if (known.trouble !== undefined) return `${node.name}: ${known.trouble}`;
  const last = known.serial === 0 ? 'it knows of no list' : `its list is ${number(known.serial)}`;
  return `${node.name} does not know it yet: ${last}${node.reach.state === 'silent' ? ', by what it said last' : ''}`;
}

/** As one word of a shell. */
function quoted(text: string): string {
  return /^[A-Za-z0-9._:@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function seenOf(watch: Watch): Seen[] {
  const seen = new Map<string, Seen>();
  for (const node of watch.nodes) {
    for (const client of node.told?.clients?.listed ?? []) {
      const words = client.open ? 'here' : ago(Date.parse(client.heard), nowOf(node));
      const known = seen.get(client.replica);
      if (known === undefined) seen.set(client.replica, { ...client, at: [node.name], words });
      else {
        known.at.push(node.name);
        if (client.open) known.words = words;
      }
    }
  }
  return [...seen.values()].sort((a, b) => a.subject.localeCompare(b.subject));
}

function SeenClients({ watch }: { watch: Watch }) {
  const seen = seenOf(watch);
  if (seen.length === 0) return <p class="quiet">Nobody yet.</p>;
  return (
    <Rows
      label="Who has come"
      columns={['Who', 'Role', 'Replica', 'At', 'Heard']}
      rows={seen}
      name={({ replica }) => replica}
      cells={({ subject, role, replica, at, words }) => [subject, role, <code>{short(replica)}</code>, at.join(', '), words]}
    />
  );
}
