import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { GrantsPage } from './grants.js';
import { Herd } from './herd.js';
import { JourneyPage } from './journey.js';
import { KeptPage } from './kept.js';
import { Login } from './login.js';
import { Rings } from './marks.js';
import { NodePage } from './node.js';
import { Overview } from './overview.js';
import { SteerPage } from './steer.js';
import { Watch } from './watch.js';

const PLACES = [
  { at: '', words: 'Map' },
  { at: 'herd', words: 'Herd' },
  { at: 'kept', words: 'Quarantine' },
  { at: 'steer', words: 'Steer' },
  { at: 'journey', words: 'Journey' },
  { at: 'grants', words: 'Grants' },
] as const;

interface Place {
  at: string;
  name: string | undefined;
}

function place(): Place {
  const [, at = '', name] = location.hash.split('/');
  return { at, name: name === undefined ? undefined : decodeURIComponent(name) };
}

function App({ first, why }: { first: Watch | undefined; why: string | undefined }) {
  const [watch, setWatch] = useState(first);
  const [here, setHere] = useState(place());
  const [, renew] = useState({});
  const [shown, setShown] = useState(why);
  useEffect(() => {
    const onMove = (): void => setHere(place());
    globalThis.addEventListener('hashchange', onMove);
    return () => globalThis.removeEventListener('hashchange', onMove);
  }, []);
  useEffect(
    () =>
      watch?.onChange(() => {
        if (watch.ended === undefined) renew({});
        else {
          setShown(watch.ended);
          setWatch(undefined);
        }
      }),
    [watch],
  );
  if (watch === undefined) return <Login why={shown} onOpen={setWatch} />;
  const leave = (): void => {
    watch.close();
    Watch.forget();
    setShown(undefined);
    setWatch(undefined);
  };
  return (
    <div class="console">
      <header>
        <a class="home" href="#/" aria-label="Holdfast console, map">
          <Rings />
        </a>
        <nav aria-label="Console">
          {PLACES.map(({ at, words }) => (
            <a key={at} href={`#/${at}`} aria-current={here.at === at ? 'page' : undefined}>
              {words}
            </a>
          ))}
        </nav>
        <button type="button" class="plain" onClick={leave}>
          Leave
        </button>
      </header>
      <Page key={`${here.at}/${here.name ?? ''}`} watch={watch} here={here} />
    </div>
  );
}

function Page({ watch, here }: { watch: Watch; here: Place }) {
  switch (here.at) {
    case 'node':
      return <NodePage watch={watch} name={here.name ?? ''} />;
    case 'herd':
      return <Herd watch={watch} name={here.name} />;
    case 'kept':
      return <KeptPage watch={watch} />;
    case 'steer':
      return <SteerPage watch={watch} />;
    case 'journey':
      return <JourneyPage watch={watch} />;
    case 'grants':
      return <GrantsPage watch={watch} />;
    default:
      return <Overview watch={watch} />;
  }
}

const root = document.getElementById('console') as HTMLElement;
const token = Watch.remembered();
let first: Watch | undefined;
let why: string | undefined;
if (token !== undefined) {
  try {
    first = await Watch.open(token);
  } catch (error) {
    Watch.forget();
    why = error instanceof Error ? error.message : String(error);
  }
}
render(<App first={first} why={why} />, root);
