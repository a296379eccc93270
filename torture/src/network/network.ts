import { execFileSync } from 'node:child_process';
import { program } from '../processes/program.ts';
import type { Stage } from '../processes/stage.ts';

/** Reserved for tests of networks (RFC 2544), so that no machine has it. */
const PREFIX = '198.18';
/** Dropped packets of a lossy line, in a hundred. */
const LOSS_PERCENT = 30;

/** Where a program runs: a network namespace of its own, at this address. */
export interface Host {
  readonly namespace: string;
  readonly address: string;
}

/** One direction of a line between two addresses. */
export interface Direction {
  readonly from: string;
  readonly to: string;
}

export const bothWays = (a: string, b: string): Direction[] => [
  { from: a, to: b },
  { from: b, to: a },
];

/**
 * Hosts in network namespaces, and this process, joined by a router in another namespace, which drops what it is told
 * to: nobody hears of it, as when a cable is pulled. Needs root, iproute2 and nftables. It ends with the stage.
 */
export class Network {
  readonly address = `${PREFIX}.0.2`;
  readonly #ip: string;
  readonly #nft: string;
  readonly #router: string;
  readonly #namespaces: string[] = [];
  #hosts = 0;

  private constructor(ip: string, nft: string) {
    this.#ip = ip;
    this.#nft = nft;
    this.#router = this.#addNamespace('router');
  }

  static open(stage: Stage, log: (line: string) => void): Network {
    if (process.getuid?.() !== 0) throw new Error('this row needs root, to make network namespaces');
    const network = new Network(program('ip', log, 'iproute2'), program('nft', log, 'nftables'));
    stage.onClose(async () => network.#close());
    network.#inside(network.#router, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
    network.#rules('add table ip cut; add chain ip cut forward { type filter hook forward priority 0; }');
    const device = `act${process.pid}`;
    network.#run('link', 'add', device, 'type', 'veth', 'peer', 'name', 'v0', 'netns', network.#router);
    network.#inside(network.#router, 'ip', 'address', 'add', `${PREFIX}.0.1/24`, 'dev', 'v0');
    network.#inside(network.#router, 'ip', 'link', 'set', 'v0', 'up');
    network.#run('address', 'add', `${network.address}/24`, 'dev', device);
    network.#run('link', 'set', device, 'up');
    network.#run('route', 'add', `${PREFIX}.0.0/16`, 'via', `${PREFIX}.0.1`);
    return network;
  }

  /** A new host, which reaches all others through the router. */
  addHost(name: string): Host {
    const namespace = this.#addNamespace(name);
    const at = ++this.#hosts;
    const [device, gateway, address] = [`v${at}`, `${PREFIX}.${at}.1`, `${PREFIX}.${at}.2`];
    this.#run('-n', namespace, 'link', 'set', 'lo', 'up');
    this.#run(
      '-n',
      namespace,
      'link',
      'add',
      'eth0',
      'type',
      'veth',
      'peer',
      'name',
      device,
      'netns',
      this.#router,
    );
    this.#inside(this.#router, 'ip', 'address', 'add', `${gateway}/24`, 'dev', device);
    this.#inside(this.#router, 'ip', 'link', 'set', device, 'up');
    this.#run('-n', namespace, 'address', 'add', `${address}/24`, 'dev', 'eth0');
    this.#run('-n', namespace, 'link', 'set', 'eth0', 'up');
    this.#run('-n', namespace, 'route', 'add', 'default', 'via', gateway);
    return { namespace, address };
  }

  /** Drops what goes these ways from now on, or three packets of ten. */
  cut(directions: readonly Direction[], how: 'all' | 'some' = 'all'): void {
    const chance = how === 'all' ? '' : `numgen random mod 100 < ${LOSS_PERCENT} `;
    const rules = directions.map(
      ({ from, to }) => `add rule ip cut forward ip saddr ${from} ip daddr ${to} ${chance}drop`,
    );
    this.#rules(rules.join('\n'));
  }

  heal(): void {
    this.#rules('flush chain ip cut forward');
  }

  /** Forgets the connections of a host without a word, as a machine does whose power goes. */
  forgetConnections({ namespace }: Host): void {
    this.#inside(namespace, 'ss', '--kill', '--tcp', 'state', 'all');
  }

  #run(...args: string[]): void {
    execFileSync(this.#ip, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  }

  #inside(namespace: string, ...command: string[]): void {
    this.#run('netns', 'exec', namespace, ...command);
  }

  #rules(text: string): void {
    const args = ['netns', 'exec', this.#router, this.#nft, '-f', '-'];
    execFileSync(this.#ip, args, { input: `${text}\n`, stdio: ['pipe', 'ignore', 'pipe'] });
  }

  #addNamespace(name: string): string {
    const namespace = `act-${process.pid}-${name}`;
    this.#run('netns', 'add', namespace);
    this.#namespaces.push(namespace);
    return namespace;
  }

  /** Devices go with the namespaces that they, or their other ends, are in. */
  #close(): void {
    for (const namespace of this.#namespaces) this.#run('netns', 'delete', namespace);
  }
}
