import { Copied, Heading, Rows } from './parts.js';
import type { Client } from './told.js';
import { type Watch, nowOf } from './watch.js';
import { ago, short } from './words.js';

interface Seen extends Client {
  at: string[];
  words: string;
}

/** Who is known, how somebody is let in, and what does not exist yet. */
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
      <section aria-labelledby="revoke">
        <h2 id="revoke">Nothing can be revoked yet</h2>
        <p class="card warning">
          Holdfast cannot take a grant back before it is over. Until it can, give short ones (<code>--days</code>, <code>--grace-days</code>) and renew them. A device that was lost can come until its grant and its grace are over; an edge that is not
          trusted any more until its certificate and its grant are.
        </p>
      </section>
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

function SeenClients({ watch }: { watch: Watch }) {
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
  if (seen.size === 0) return <p class="quiet">Nobody yet.</p>;
  return (
    <Rows
      label="Who has come"
      columns={['Who', 'Role', 'Replica', 'At', 'Heard']}
      rows={[...seen.values()].sort((a, b) => a.subject.localeCompare(b.subject))}
      name={({ replica }) => replica}
      cells={({ subject, role, replica, at, words }) => [subject, role, <code>{short(replica)}</code>, at.join(', '), words]}
    />
  );
}
