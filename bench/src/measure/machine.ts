import { statfs } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

import pg from 'pg';

import { measureCommit, measureDisk } from './commit-latency.ts';
import type { Latency } from './commit-latency.ts';

/** Where a figure was taken; without it a figure cannot be compared with another. */
export interface Machine {
  date: string;
  cores: number;
  cpu: string;
  memoryGiB: number;
  /** One-minute load average before the bench: above 0 means that neighbours share the cores. */
  load: number;
  kernel: string;
  node: string;
  postgres: string;
  /** Of the data directory; "tmpfs" would make every durability figure worthless. */
  fileSystem: string;
  settings: Record<string, string>;
  commit: Latency;
  disk?: Latency;
}

const SETTINGS = ['fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_connections'];
/** Magic numbers of statfs(2). */
const FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0xef53, 'ext4'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x794c7630, 'overlay'],
  [0x01021994, 'tmpfs'],
]);

/** `connection` must be a superuser's, because it asks for the data directory. */
export async function describeMachine(connection: pg.ClientConfig): Promise<Machine> {
  const load = loadavg()[0] ?? 0;
  const server = await describeServer(connection);
  const disk = await measureDisk(server.dataDirectory);
  return {
    date: new Date().toISOString(),
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    load,
    kernel: release(),
    node: process.version,
    postgres: server.version,
    fileSystem: await fileSystemOf(server.dataDirectory),
    settings: server.settings,
    commit: await measureCommit(connection),
    ...(disk !== undefined && { disk }),
  };
}

/** One line for people, to stand above a table. */
export function formatMachine(machine: Machine): string {
  const { commit, disk, settings } = machine;
  const parts = [
    machine.date.slice(0, 16),
    `${machine.cores} × ${machine.cpu}`,
    `load ${machine.load.toFixed(2)}`,
    `Node ${machine.node}`,
    `PostgreSQL ${machine.postgres}`,
    `${machine.fileSystem}, fsync ${settings['fsync']}, synchronous_commit ${settings['synchronous_commit']}`,
    `commit p50 ${commit.p50Ms.toFixed(2)} ms, p99 ${commit.p99Ms.toFixed(2)} ms`,
    ...(disk === undefined
      ? []
      : [`fdatasync p50 ${disk.p50Ms.toFixed(2)} ms, p99 ${disk.p99Ms.toFixed(2)} ms`]),
  ];
  return parts.join('; ');
}

interface Server {
  version: string;
  dataDirectory: string;
  settings: Record<string, string>;
}

async function describeServer(connection: pg.ClientConfig): Promise<Server> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    const names = [...SETTINGS, 'server_version', 'data_directory'];
    const { rows } = await client.query<{ name: string; value: string }>(
      'select name, current_setting(name) as value from unnest($1::text[]) as name',
      [names],
    );
    const all = new Map(rows.map((row) => [row.name, row.value]));
    return {
      version: all.get('server_version') ?? 'unknown',
      dataDirectory: all.get('data_directory') ?? '',
      settings: Object.fromEntries(SETTINGS.map((name) => [name, all.get(name) ?? 'unknown'])),
    };
  } finally {
    await client.end();
  }
}

async function fileSystemOf(directory: string): Promise<string> {
  try {
    const { type } = await statfs(directory);
    return FILE_SYSTEMS.get(type) ?? `0x${type.toString(16)}`;
  } catch {
    return 'unknown';
  }
}
