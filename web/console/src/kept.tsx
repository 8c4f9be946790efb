import { Heading, Rows } from './parts.js';
import { type Conflict, type Kept, quarantineOf } from './told.js';
import { type Watch, type Watched, nowOf } from './watch.js';
import { clock, count, number, seqs, short } from './words.js';

interface Row extends Kept {
  node: Watched;
}

/** What was refused, what is kept aside, and where two wrote at once. */
export function KeptPage({ watch }: { watch: Watch }) {
  const told = watch.nodes.filter((node) => node.told !== undefined && node.kind !== 'steer');
  const kept: Row[] = told.flatMap((node) => (node.told === undefined ? [] : quarantineOf(node.told).listed.map((row) => ({ ...row, node }))));
  const more = told.some((node) => node.told !== undefined && quarantineOf(node.told).more);
  return (
    <main>
      <Heading>Quarantine, refusals, conflicts</Heading>
      <section aria-labelledby="quarantine">
        <h2 id="quarantine">{kept.length === 0 ? 'Nothing is in quarantine' : `${number(kept.length)}${more ? ' and more' : ''} in quarantine`}</h2>
        {kept.length > 0 && (
          <>
            <p class="quiet">
              Kept aside, whole, and never lost: a batch that a node could not apply. Its author was told, sees the reason, and can write again. There is no releasing or deleting of it yet, so there is nothing to press here.
            </p>
            <Rows
              label="Quarantine"
              columns={['When', 'Node', 'Scope', 'Author', 'Operations', 'Why']}
              rows={kept.sort((a, b) => Date.parse(b.at) - Date.parse(a.at))}
              name={(row) => `${row.node.name} ${row.at} ${row.replica ?? ''} ${row.first ?? ''}`}
              cells={(row) => [
                clock(Date.parse(row.at), nowOf(row.node)),
                row.node.name,
                row.scope ?? 'no message',
                row.replica === undefined ? '' : <code>{short(row.replica)}</code>,
                seqs(row.first, row.last),
                `${row.code}: ${row.reason}`,
              ]}
            />
          </>
        )}
      </section>
      <section aria-labelledby="refused">
        <h2 id="refused">Refused since each node’s start</h2>
        <Rows
          label="Refusals"
          columns={['Node', 'Refused']}
          rows={told.filter((node) => node.told?.counters !== undefined)}
          name={(node) => node.name}
          cells={(node) => {
            const codes = Object.entries(node.told?.counters?.refused ?? {});
            return [node.name, codes.length === 0 ? 'none' : codes.map(([code, times]) => `${code} ${number(times)}`).join(', ')];
          }}
        />
      </section>
      {told.filter((node) => node.kind === 'region').map((node) => (
        <Conflicts key={node.name} node={node} />
      ))}
    </main>
  );
}

function Conflicts({ node }: { node: Watched }) {
  const conflicts = node.told?.database?.conflicts;
  const id = `conflicts-${node.name}`;
  if (conflicts === undefined) {
    return (
      <section aria-labelledby={id}>
        <h2 id={id}>Conflicts at {node.name}</h2>
        <p class="quiet">Its database has not been read yet.</p>
      </section>
    );
  }
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>
        {conflicts.count === 0 ? `No document is in conflict at ${node.name}` : `${conflicts['count-is-all'] ? '' : 'More than '}${count(conflicts.count, 'document')} in conflict at ${node.name}`}
      </h2>
      {conflicts.count > 0 && (
        <>
          <p class="quiet">Two wrote the same field without knowing of each other. Both values are kept; whoever works with the document chooses, such as on the clinic’s page or by “holdfast device resolve”. What stands in them is not shown here.</p>
          <Rows
            label={`Conflicts at ${node.name}`}
            columns={['Scope', 'Collection', 'Document', 'Fields']}
            rows={conflicts.listed}
            name={({ scope, collection, id: document }: Conflict) => `${scope} ${collection} ${document}`}
            cells={({ scope, collection, id: document, paths }) => [scope, collection, document, paths.join(', ')]}
          />
          {conflicts.more && <p class="quiet">The first {conflicts.listed.length} are shown.</p>}
        </>
      )}
    </section>
  );
}
