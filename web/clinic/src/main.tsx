import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Clinic } from './clinic.js';
import { DevicePage } from './device.js';
import { PatientList } from './list.js';
import { NetworkLine } from './network.js';
import { NewPatient, Record } from './record.js';

type Place = { at: 'list' | 'new' | 'device' } | { at: 'patient'; id: string };

function place(): Place {
  const [, first, second] = location.hash.split('/');
  if (first === 'patient' && second !== undefined) return { at: 'patient', id: decodeURIComponent(second) };
  return first === 'new' || first === 'device' ? { at: first } : { at: 'list' };
}

function App({ clinic, worker }: { clinic: Clinic; worker: string | undefined }) {
  const [, renew] = useState({});
  const [here, setHere] = useState(place());
  useEffect(() => clinic.onChange(() => renew({})), [clinic]);
  useEffect(() => {
    const onMove = (): void => setHere(place());
    globalThis.addEventListener('hashchange', onMove);
    return () => globalThis.removeEventListener('hashchange', onMove);
  }, []);
  return (
    <div class={`clinic at-${here.at}`}>
      <NetworkLine network={clinic.network} />
      {clinic.alarm !== undefined && (
        <p class="card alarm" role="alert">
          {clinic.alarm}{' '}
          <button type="button" class="plain" onClick={() => clinic.quiet()}>
            Close
          </button>
        </p>
      )}
      <PatientList clinic={clinic} chosen={here.at === 'patient' ? here.id : undefined} isAlone={here.at === 'list'} />
      {here.at === 'patient' && <Record clinic={clinic} id={here.id} />}
      {here.at === 'new' && <NewPatient clinic={clinic} />}
      {here.at === 'device' && <DevicePage clinic={clinic} worker={worker} />}
      {here.at === 'list' && (
        <main class="record nobody">
          <h1>Clinic</h1>
          <p class="quiet">Choose a patient, or add one.</p>
        </main>
      )}
    </div>
  );
}

/** Has the pages kept for when there is no network; answers why they are not. */
async function keepPages(): Promise<string | undefined> {
  try {
    await navigator.serviceWorker.register('/holdfast-worker.js');
    return undefined;
  } catch {
    return 'Not yet: the browser does not trust this station’s certificate';
  }
}

const root = document.getElementById('clinic') as HTMLElement;
try {
  const clinic = await Clinic.open();
  const isFirstStart = !clinic.isEnrolled && location.hash === '';
  if (isFirstStart) location.hash = '#/device';
  render(<App clinic={clinic} worker={undefined} />, root);
  const worker = await keepPages();
  render(<App clinic={clinic} worker={worker} />, root);
} catch (error) {
  render(
    <main class="record nobody">
      <h1>The clinic could not be opened</h1>
      <p role="alert">{error instanceof Error ? error.message : String(error)}</p>
      <p>
        <a class="button" href="/">
          Try again
        </a>
      </p>
    </main>,
    root,
  );
}
