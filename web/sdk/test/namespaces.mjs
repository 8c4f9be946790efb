import { execFileSync } from 'node:child_process';

const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] });

/** Machines as network namespaces, each with a cable to the first, which can be cut. Their addresses exist in them only. */
export class Namespaces {
  #machines;

  /** Why there can be none; undefined where there can. */
  static obstacle() {
    if (process.getuid?.() !== 0) return 'network namespaces need root';
    const name = `holdfast-try-${process.pid}`;
    try {
      ip('netns', 'add', name);
      ip('netns', 'delete', name);
      return undefined;
    } catch (error) {
      return `no network namespaces: ${error.message.split('\n')[0]}`;
    }
  }

  constructor(middle, ...others) {
    this.#machines = [middle, ...others];
    for (const machine of this.#machines) {
      ip('netns', 'add', name(machine));
      ip('-n', name(machine), 'link', 'set', 'lo', 'up');
    }
    for (const machine of others) {
      ip('link', 'add', machine, 'netns', name(middle), 'type', 'veth', 'peer', 'name', middle, 'netns', name(machine));
      for (const [at, cable, address] of [[middle, machine, this.addressTowards(machine)], [machine, middle, this.address(machine)]]) {
        ip('-n', name(at), 'address', 'add', `${address}/30`, 'dev', cable);
        ip('-n', name(at), 'link', 'set', cable, 'up');
      }
    }
  }

  /** What to put before a command to run it there. */
  on(machine) {
    return ['ip', 'netns', 'exec', name(machine)];
  }

  /** Of one of the others, on its cable. */
  address(machine) {
    return `10.213.7.${4 * this.#machines.indexOf(machine) + 2}`;
  }

  /** Of the first, on the cable of one of the others. */
  addressTowards(machine) {
    return `10.213.7.${4 * this.#machines.indexOf(machine) + 1}`;
  }

  cut(machine) {
    ip('-n', name(this.#machines[0]), 'link', 'set', machine, 'down');
  }

  mend(machine) {
    ip('-n', name(this.#machines[0]), 'link', 'set', machine, 'up');
  }

  remove() {
    for (const machine of this.#machines) ip('netns', 'delete', name(machine));
  }
}

function name(machine) {
  return `holdfast-${machine}-${process.pid}`;
}
