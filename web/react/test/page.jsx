// The page of the tests: components as an application has them, which say what they show and how often React took them up.
import { open } from '@holdfast/client';
import { HoldfastProvider, useCollection, useDocument, useQuery, useStatus, useWrite } from '@holdfast/react';
import { StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';

/** What each component shows now, every answer that it got, and its commits. */
globalThis.seen = {};

function Seen({ name, answer }) {
  useEffect(() => {
    const seen = (globalThis.seen[name] ??= { answers: [], commits: 0 });
    seen.commits++;
    if (seen.answers.at(-1) !== answer || seen.answers.length === 0) seen.answers.push(answer);
  });
  return <output id={name}>{JSON.stringify(answer) ?? 'nothing yet'}</output>;
}

function Ward() {
  const [ward, setWard] = useState('A');
  globalThis.setWard = setWard;
  const patients = useCollection('clinic-7', 'patients');
  const found = useQuery(patients, { where: { ward, number: { below: 10n } }, orderBy: 'name' });
  return <Seen name="ward" answer={found?.map(({ id }) => id)} />;
}

function Everybody() {
  return <Seen name="everybody" answer={useQuery(useCollection('clinic-7', 'patients'))} />;
}

function One() {
  const document = useDocument(useCollection('clinic-7', 'patients'), 'p-1');
  return <Seen name="one" answer={document && document.fields} />;
}

function Network() {
  const status = useStatus();
  return <Seen name="network" answer={status?.unsynced.operations} />;
}

function Form() {
  const patients = useCollection('clinic-7', 'patients');
  const [save, state] = useWrite();
  globalThis.save = (id, fields) => save(() => patients.put(id, fields));
  return <Seen name="form" answer={state.state === 'failed' ? state.error.code : state.state} />;
}

function Page() {
  const [shown, setShown] = useState(true);
  globalThis.setShown = setShown;
  return shown && [<Ward key="1" />, <Everybody key="2" />, <One key="3" />, <Network key="4" />, <Form key="5" />];
}

/** The same collections, which count how many watches are under way. */
function counted(client) {
  globalThis.watches = 0;
  const count = (subscription) => {
    globalThis.watches++;
    return () => {
      globalThis.watches--;
      subscription();
    };
  };
  const wrap = (object, names) =>
    new Proxy(object, {
      get(target, name) {
        const value = target[name];
        if (typeof value !== 'function') return value;
        return (...args) => (names.includes(name) ? count(value.apply(target, args)) : value.apply(target, args));
      },
    });
  const scope = client.scope('clinic-7');
  return new Proxy(client, {
    get(target, name) {
      if (name === 'scope') return () => ({ collection: (collection) => wrap(scope.collection(collection), ['watch', 'watchOne']) });
      if (name === 'watchStatus') return (listener) => count(target.watchStatus(listener));
      const value = target[name];
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

globalThis.client = await open({ name: 'react' });
globalThis.patients = client.scope('clinic-7').collection('patients');
createRoot(document.getElementById('root')).render(
  <StrictMode>
    <HoldfastProvider client={counted(client)}>
      <Page />
    </HoldfastProvider>
  </StrictMode>,
);
