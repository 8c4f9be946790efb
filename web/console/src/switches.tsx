import { useState } from 'preact/hooks';
import { Action } from './parts.js';
import type { Switches } from './told.js';
import type { Watch } from './watch.js';
import { clock, number } from './words.js';

/** What can be broken in a system that is there for it, to watch it go on. */
export function SwitchPanel({ watch, switches }: { watch: Watch; switches: Switches }) {
  return (
    <section aria-labelledby="switches">
      <h2 id="switches">Break it, and watch</h2>
      <ul class="cards">
        <Cut
          watch={watch}
          name="cable"
          title="The cable to the regions"
          words="Cut it, and nurses go on: what they write is safe at the edge, and goes on to the record once it is back."
          state={switches.cable}
          cut="Cut the cable"
          back="Mend the cable"
        />
        <Cut
          watch={watch}
          name="city"
          title="The city"
          words="In the dark nobody reaches anybody. Each device keeps what is written on it."
          state={switches.city}
          cut="Black out the city"
          back="Light the city"
        />
        <Edge watch={watch} state={switches.edge} />
      </ul>
    </section>
  );
}

function Cut({ watch, name, title, words, state, cut, back }: { watch: Watch; name: string; title: string; words: string; state: { on: boolean; since?: string }; cut: string; back: string }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const turn = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      await watch.turn(`/v1/switches/${name}?on=${!state.on}`);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
    setBusy(false);
  };
  return (
    <li class={state.on ? 'on' : ''}>
      <div>
        <p class="name">{title}</p>
        <p class="quiet">{words}</p>
        {state.on && <p role="status">{name === 'cable' ? 'Cut' : 'Dark'} since {clock(Date.parse(state.since ?? ''), Date.now())}</p>}
        {problem !== undefined && (
          <p class="problem" role="alert">
            Not done: {problem}
          </p>
        )}
      </div>
      {watch.mayAct ? (
        <button type="button" disabled={busy} onClick={() => void turn()}>
          {state.on ? back : cut}
        </button>
      ) : (
        <span class="quiet">Your grant lets you look, not act</span>
      )}
    </li>
  );
}

function Edge({ watch, state }: { watch: Watch; state: Switches['edge'] }) {
  const fires = state.fires ?? 0;
  return (
    <li class={state.burning ? 'on' : ''}>
      <div>
        <p class="name">The edge’s building</p>
        <p class="quiet">All that is on its disk is lost. A new edge with new keys takes its place, and devices send again whatever it answered for.</p>
        <p role="status">
          {state.burning && `Burning since ${clock(Date.parse(state.since ?? ''), Date.now())}; the new one is being set up`}
          {!state.burning && fires > 0 && `Burned down ${fires === 1 ? 'once' : `${number(fires)} times`}, last at ${clock(Date.parse(state['burned-at'] ?? ''), Date.now())}`}
        </p>
      </div>
      <Action
        words="Burn the edge"
        question="Kill the edge and delete everything on its disk? What was not confirmed yet comes again from the devices that wrote it."
        allowed={watch.mayAct}
        audited={false}
        disabled={state.burning}
        act={() => watch.turn('/v1/switches/edge')}
      />
    </li>
  );
}
