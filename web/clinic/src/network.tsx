import type { Network } from './clinic.js';
import { Rings } from './marks.js';
import { records } from './words.js';

/** How it stands with the network, in words; the way to the page about this device. */
export function NetworkLine({ network }: { network: Network }) {
  return (
    <header class="top">
      <a class={`network ${network.state}`} href="#/device">
        <Rings state={network.state} />
        <span role="status">{networkWords(network)}</span>
        <span class="aside">{network.state === 'unenrolled' ? 'Enrol' : 'Device'}</span>
      </a>
    </header>
  );
}

export function networkWords(network: Network): string {
  switch (network.state) {
    case 'connecting':
      return 'Looking for the local station. Work can begin';
    case 'unenrolled':
      return 'Not enrolled yet. What you write stays on this device';
    case 'up':
      return 'Connected';
    case 'cut':
      return 'Cut off from abroad. Work goes on; everything is safe at the local station';
    case 'none':
      return network.waiting === 0
        ? 'No network. Work goes on; nothing waits on this device'
        : `No network. Work goes on; ${records(network.waiting)} ${network.waiting === 1 ? 'waits' : 'wait'} on this device`;
    case 'sending':
      return `Back online. Sending ${records(network.waiting)}`;
    case 'stopped':
      return network.why;
  }
}
