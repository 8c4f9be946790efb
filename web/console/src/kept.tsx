import { useState } from 'preact/hooks';
import { Action, Heading, Rows } from './parts.js';
import { type Conflict, type Entry, type Kept, quarantineOf } from './told.js';
import { type Watch, type Watched, nowOf } from './watch.js';
import { bytes, clock, count, number, seqs, short } from './words.js';

interface Row extends Kept {
  node: Watched;
}

/** What was refused, what is kept aside, and where two wrote at once. */
export function KeptPage({ watch }: { watch: Watch }) {
  const told = watch.nodes.filter((node) => node.told !== undefined && node.kind !== 'steer');
  return (
    <main>
      <Heading>Quarantine, refusals, conflicts</Heading>
      <Quarantined watch={watch} told={told} />
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

function Quarantined({ watch, told }: { watch: Watch; told: Watched[] }) {
  const lists = told.flatMap((node) => (node.told === undefined ? [] : [{ node, ...quarantineOf(node.told) }]));
  const open = lists.flatMap(({ node, listed }): Row[] => listed.map((row) => ({ ...row, node })));
  const settled = lists.flatMap(({ node, settled }): Row[] => settled.listed.map((row) => ({ ...row, node })));
  const more = lists.some((list) => list.more);
  const name = (row: Row): string => `${row.node.name} ${row.hash}`;
  return (
    <section aria-labelledby="quarantine">
      <h2 id="quarantine">{open.length === 0 ? 'Nothing in quarantine is open' : `${number(open.length)}${more ? ' and more' : ''} in quarantine`}</h2>
      {open.length > 0 && (
        <>
          <p class="quiet">
            Kept aside, whole, and never lost: a batch that a node could not apply. Its author was told, sees the reason, and can write again. Look which documents it is about, see to it that somebody does, then settle it: it stays kept, and no longer counts as open.
          </p>
          <Rows
            label="Quarantine"
            columns={['When', 'Node', 'Scope', 'Author', 'Operations', 'Why', 'What', 'Done']}
            rows={open.sort((a, b) => Date.parse(b.at) - Date.parse(a.at))}
            name={name}
            cells={(row) => [
              clock(Date.parse(row.at), nowOf(row.node)),
              row.node.name,
              row.scope ?? 'no message',
              row.replica === undefined ? '' : <code>{short(row.replica)}</code>,
              seqs(row.first, row.last),
              `${row.code}: ${row.reason}`,
              <Look watch={watch} row={row} />,
              <Action
                words="Settle"
                question="Is nothing left to do about it? It stays kept, and leaves this list and the warnings."
                allowed={row.node.told?.you['may-act'] === true}
                act={(why) => watch.act(row.node, `/v1/console/quarantine/${row.hash}/settle?${new URLSearchParams({ why })}`)}
              />,
            ]}
          />
        </>
      )}
      {settled.length > 0 && (
        <>
          <h3>Settled</h3>
          <Rows
            label="Settled"
            columns={['Settled', 'By', 'Why settled', 'Node', 'Scope', 'Why kept', 'What', 'Undo']}
            rows={settled.sort((a, b) => Date.parse(b.settled ?? '') - Date.parse(a.settled ?? ''))}
            name={name}
            cells={(row) => [
              clock(Date.parse(row.settled ?? ''), nowOf(row.node)),
              row['settled-by'],
              row['settled-why'],
              row.node.name,
              row.scope ?? 'no message',
              `${row.code}: ${row.reason}`,
              <Look watch={watch} row={row} />,
              <Action
                words="Open again"
                question="Is something left to do about it? It comes back into the list above."
                allowed={row.node.told?.you['may-act'] === true}
                audited={false}
                act={() => watch.act(row.node, `/v1/console/quarantine/${row.hash}/settle?undo=true`)}
              />,
            ]}
          />
        </>
      )}
    </section>
  );
}

/** Which documents and fields it is about, asked for when somebody wants to know. */
function Look({ watch, row }: { watch: Watch; row: Row }) {
  const [entry, setEntry] = useState<Entry>();
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const look = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      setEntry((await watch.get(row.node, `/v1/console/quarantine/${row.hash}`)) as Entry);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
    setBusy(false);
  };
  if (entry === undefined)
    return (
      <>
        <button type="button" disabled={busy} onClick={() => void look()}>
          Look
        </button>
        {problem !== undefined && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
      </>
    );
  if (entry.documents === undefined) return <>{bytes(entry.bytes)} that are no batch</>;
  return (
    <ul>
      {entry.documents.listed.map((document) => (
        <li key={`${document.collection}/${document.id}`}>
          {document.collection}/{document.id}
          {document.fields.length > 0 && `: ${document.fields.join(', ')}${document['more-fields'] ? ' and more' : ''}`}
        </li>
      ))}
      {entry.documents.more && <li>and more documents</li>}
    </ul>
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
