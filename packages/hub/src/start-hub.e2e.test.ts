import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, connect } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded } from '@agentmix/act-postgres';
import pg from 'pg';
import { uuidv7 } from 'uuidv7';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../test/contract.ts';
import { asked, done } from '../test/door.ts';
import { httpRequest } from '../test/http-request.ts';
import { bearer, openRest } from '../test/rest-door.ts';
import { openSocket } from '../test/socket-door.ts';
import { silentLogger, TestHub } from '../test/start-test-hub.ts';
import { makeProject } from '../test/world.ts';
import { makeKey } from './access/keys/api-key.ts';
import { startHub } from './start-hub.ts';
import type { StartOptions } from './start-hub.ts';

const START_MS_MAX = 1_500;

/** Process ids of database servers whose arguments name this directory. */
const serversOf = async (dataDir: string): Promise<string[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map(async (pid) => {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return command.includes(dataDir) ? [pid] : [];
    }),
  );
  return lines.flat();
};

const folders: string[] = [];
const newFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'act-start-'));
  folders.push(folder);
  return folder;
};
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** The one clear line that a start ends with; nothing may be left running. */
const failureOf = async (options: StartOptions): Promise<Error> => {
  const all = { host: '127.0.0.1', port: 0, logger: silentLogger, ...options };
  const failure: unknown = await startHub(all).then(
    async (hub) => {
      await hub.stop();
      return new Error('it started');
    },
    (error: unknown) => error,
  );
  if (!(failure instanceof Error)) throw new Error('rejected with no error');
  expect(failure.message).not.toMatch(/^it started|^undefined|\n\s+at |^$/);
  return failure;
};

describe('a hub that cannot start', () => {
  it('because its data directory is a file says so', async () => {
    const file = join(await newFolder(), 'data');
    await writeFile(file, 'not a directory');
    const failure = await failureOf({ dataDir: file });
    expect(failure.message).toContain(file);
    expect(await readFile(file, 'utf8')).toBe('not a directory');
  });

  it.each(['/proc/act-hub/data', '/sys/act-hub/data', '/dev/null/data'])(
    'because nothing can be written at %s says so',
    async (dataDir) => {
      expect((await failureOf({ dataDir })).message).toContain(dataDir.slice(0, 12));
    },
  );

  it('because no database answers at its URL says so within seconds, and without the password', async () => {
    const dataDir = join(await newFolder(), 'data');
    const started = performance.now();
    const url = 'postgres://user:secret-word@127.0.0.1:1/act';
    const failure = await failureOf({ dataDir, databaseUrl: url });
    expect(failure.message).not.toContain('secret-word');
    expect(performance.now() - started).toBeLessThan(8_000);
  });

  it('because the URL of its database is none says so', async () => {
    const dataDir = join(await newFolder(), 'data');
    await failureOf({ dataDir, databaseUrl: 'not a url' });
    await failureOf({ dataDir, databaseUrl: 'http://127.0.0.1:1/' });
  });

  it('because its port is taken says so, and ends its database', async () => {
    const dataDir = join(await newFolder(), 'data');
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const failure = await failureOf({ dataDir, port });
    expect(failure.message).toContain(String(port));
    expect(await serversOf(dataDir)).toEqual([]);
    taken.close();
    const hub = await startHub({ host: '127.0.0.1', port: 0, logger: silentLogger, dataDir });
    await hub.stop();
  });

  it('because the schema is newer than it says which, changes nothing, and ends its database', async () => {
    const dataDir = join(await newFolder(), 'data');
    const options = { host: '127.0.0.1', port: 0, logger: silentLogger, dataDir };
    await startHub(options).then((hub) => hub.stop());
    const sql = async (text: string): Promise<void> => {
      const server = await startEmbedded({ dataDir });
      const { socketDir, port, superuser } = server;
      const client = new pg.Client({ host: socketDir, port, user: superuser, database: 'act' });
      await client.connect();
      await client.query(text);
      await client.end();
      await server.stop();
    };
    await sql('insert into act.migrations (number) values (999999)');
    const failure = await failureOf(options);
    expect(failure).toMatchObject({ name: 'SchemaTooNew', message: expect.stringContaining('999999') });
    expect(await serversOf(dataDir)).toEqual([]);
    await sql('delete from act.migrations where number = 999999');
    await startHub(options).then((hub) => hub.stop());
  });

  it('because its key file holds no key says so, and does not replace it', async () => {
    const dataDir = join(await newFolder(), 'data');
    await mkdir(dataDir, { recursive: true, mode: 0o711 });
    await writeFile(join(dataDir, 'admin.key'), 'nonsense');
    const failure = await failureOf({ dataDir });
    expect(failure.message).toContain('admin.key');
    expect(await readFile(join(dataDir, 'admin.key'), 'utf8')).toBe('nonsense');
    expect(await serversOf(dataDir)).toEqual([]);
  });

  it('because others may read its key file says how to mend that', async () => {
    const dataDir = join(await newFolder(), 'data');
    await mkdir(dataDir, { recursive: true, mode: 0o711 });
    const file = join(dataDir, 'admin.key');
    await writeFile(file, makeKey(uuidv7(), 'live').text, { mode: 0o644 });
    expect((await failureOf({ dataDir })).message).toContain(`chmod 600 ${file}`);
  });
});

describe('a hub', () => {
  let hub: TestHub;
  beforeAll(async () => {
    hub = await TestHub.start();
  });
  afterAll(() => hub.stop());

  it('keeps its directory to itself, and goes on when another asks for it', async () => {
    const failure = await failureOf({ dataDir: hub.dataDir });
    expect(failure.name).toBe('DataDirectoryInUse');
    expect(failure.message).toContain(hub.dataDir);
    expect(await openRest(hub).query('project.list', undefined, {})).toMatchObject({ ok: true });
  });

  it('has a key that only its owner reads, the same after a restart', async () => {
    const { token } = hub;
    expect((await stat(hub.hub.tokenFile ?? '')).mode & 0o777).toBe(0o600);
    expect((await readFile(hub.hub.tokenFile ?? '', 'utf8')).trim()).toBe(token);
    await hub.restart();
    expect(hub.token).toBe(token);
  });

  it('starts within 1.5 seconds over data that is there', async () => {
    const times: number[] = [];
    while (Math.min(...times) > START_MS_MAX && times.length < 10) {
      await hub.hub.stop();
      const started = performance.now();
      await hub.restart();
      times.push(performance.now() - started);
    }
    // One of ten: other tests take the processor meanwhile.
    expect(Math.min(...times)).toBeLessThan(START_MS_MAX);
  });

  it('answers everything it took before it stops, claims and waiting calls included', async () => {
    const rest = openRest(hub);
    const projectId = await makeProject(rest);
    const socket = await openSocket(hub);
    const register = async (agentId: string): Promise<unknown> =>
      (await done(rest, 'agent.register', projectId, { agentId }))['sessionId'];
    for (let count = 0; count < 10; count++)
      await done(rest, 'task.create', projectId, { title: `t${count}`, description: 'long to read' });
    const sessions = await Promise.all(Array.from({ length: 10 }, (_, at) => register(`agent-${at}`)));
    const idle = await makeProject(rest, 'idle');
    const { sessionId } = await done(rest, 'agent.register', idle, { agentId: 'waits' });
    const waiting = [rest, socket].map((door) =>
      door.command('task.next', idle, { sessionId, waitMs: 25_000 }),
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    const before = hub.hub.service.lanes.of(projectId).state?.seq ?? 0;
    const calls: Promise<Answer>[] = [
      ...sessions.map((one, at) =>
        (at % 2 ? rest : socket).command('task.next', projectId, { sessionId: one }),
      ),
      ...Array.from({ length: 40 }, (_, at) =>
        (at % 2 ? rest : socket).command('task.create', projectId, { title: `last ${at}` }),
      ),
    ];
    // Taken: the hub has begun to change its state for them.
    while ((hub.hub.service.lanes.of(projectId).state?.seq ?? 0) < before + 20)
      await new Promise(setImmediate);
    const taken = Promise.allSettled(calls);
    const started = performance.now();
    await hub.hub.stop();
    expect(performance.now() - started).toBeLessThan(4_000);
    const answers = (await taken).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const waited = await Promise.allSettled(waiting);
    await hub.restart();
    const { seq } = await asked(openRest(hub), 'project.get', projectId);
    const acknowledged = answers.filter(({ ok }) => ok).length;
    // Each of these commands makes one event, and none was committed without its answer.
    expect([acknowledged, Number(seq) - before]).toEqual([acknowledged, acknowledged]);
    expect(waited.map((one) => one.status)).toEqual(['fulfilled', 'fulfilled']);
  });

  it('stops at once though connections are open that ask for nothing', async () => {
    const { port } = new URL(hub.url);
    const sockets = Array.from({ length: 20 }, () => connect(Number(port), '127.0.0.1'));
    for (const socket of sockets) socket.on('error', () => undefined);
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    sockets[0]?.write('GET /v1 HTTP/1.1\r\nHost: ');
    const started = performance.now();
    await hub.hub.stop();
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(await serversOf(hub.dataDir)).toEqual([]);
    for (const socket of sockets) socket.destroy();
    await hub.restart();
  });

  it('stops once, however often it is asked', async () => {
    await Promise.all([hub.hub.stop(), hub.hub.stop(), hub.hub.stop()]);
    await hub.restart();
  });

  it('measures itself by names that callers cannot invent', async () => {
    const rest = openRest(hub);
    const socket = await openSocket(hub);
    const metrics = async (): Promise<string> =>
      (await httpRequest(`${hub.url}/metrics`, { headers: bearer(hub) })).text;
    const projectId = await makeProject(rest);
    const names = ['constructor', 'x'.repeat(1_000), 'a"} 1\nevil 1', '__proto__'];
    const hostile = async (): Promise<void> => {
      for (const name of names) {
        await socket.ask('command', { name, projectId, input: {} });
        await socket.ask('query', { name, projectId });
        await httpRequest(`${hub.url}/${encodeURIComponent(name)}`, { headers: bearer(hub) });
        await httpRequest(`${hub.url}/v1/projects/${encodeURIComponent(name)}`, { headers: bearer(hub) });
        await rest.command('state.put', projectId, { key: name, value: 1 });
      }
    };
    await hostile();
    // Node’s own series come when something happens first, such as a collection of a kind.
    const series = async (): Promise<number> => (await metrics()).match(/^act_/gm)?.length ?? 0;
    const before = await series();
    for (let round = 0; round < 5; round++) {
      names.push(`name-${round}`, `other-${round}`);
      await hostile();
    }
    expect(await series()).toBe(before);
    // Who has no token is counted too, by the door he came to.
    for (const path of ['/mcp', '/graphql', '/v1/projects'])
      await httpRequest(`${hub.url}${path}`, { method: 'POST' });
    const text = await metrics();
    for (const door of ['mcp', 'graphql', 'rest'])
      expect(text).toContain(`act_requests_total{door="${door}",name="unread",code="unauthorized"}`);
    expect(text).not.toMatch(/name-\d|evil|xxxx/);
    for (const name of [
      'act_commit_seconds_count',
      'act_batch_commands_count',
      'act_events_total',
      'act_requests_total',
      'act_request_seconds_count',
      'act_queue_commands',
      'act_subscribers',
      'act_delivered_events',
      'act_fan_out_seconds_count',
      'act_deepest_lane_commands',
      'act_stream_lag_events',
      'act_lease_expiries_total',
      'act_hook_fail_opens_total',
    ])
      expect(text).toMatch(new RegExp(`^${name}[ {]`, 'm'));
    socket.close();
  });
});
