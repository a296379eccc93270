import { execFileSync } from 'node:child_process';
import { appendFileSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { canConfine, makeConfinement } from '@agentmix/act-testing/engines';
import type { Confinement } from '@agentmix/act-testing/engines';
import { startConfined } from './confined.ts';
import type { Running } from './confined.ts';
import { ALERTS, DASHBOARD, queriesOf } from './queries.ts';
import { setStage } from './stage.ts';
import type { Stage } from './stage.ts';

const SEED_LIMITS = { memoryBytes: 512 * 1_048_576, cpus: 0.5 };
/** Half a core starts Node and the hub in some seconds; on a busy machine in many. */
const START_MS_MAX = 90_000;
/** What compose.yaml and the chart give a hub to end by itself. */
const STOP_MS_MAX = 30_000;
const TASKS = 200;

/** Names of all series that the hub on the stage exposes to its owner. */
const seriesOf = async ({ environment, secretFile }: Stage): Promise<Set<string>> => {
  const authorization = `Bearer ${readFileSync(secretFile('owner-key'), 'utf8').trim()}`;
  const answer = await fetch(`${environment['ACT_URL']}/metrics`, { headers: { authorization } });
  expect(answer.status).toBe(200);
  const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Set(lines.map((line) => line.split(/[{ ]/)[0] ?? ''));
};

describe.skipIf(!canConfine)('the image’s commands, confined as in a container', () => {
  let stage: Stage;
  let confinement: Confinement;
  const running: Running[] = [];

  /** A program of the container, within its limits. */
  const start = (
    command: readonly string[],
    env: Readonly<Record<string, string>>,
    volume?: string,
  ): Running => {
    const started = startConfined(command, env, {
      confinement,
      ...(volume === undefined ? {} : { volume }),
    });
    running.push(started);
    return started;
  };
  /** A program that is run to its end, as `docker compose exec` or a job does. */
  const run = async (
    command: readonly string[],
    env: Readonly<Record<string, string>> = stage.environment,
  ) => {
    const started = startConfined(command, env);
    const code = await started.ended;
    return { code, output: started.output() };
  };
  const act = async (...words: string[]): Promise<string> => {
    const { code, output } = await run(stage.commands.act(...words));
    if (code !== 0) throw new Error(`act ${words.join(' ')}: ${output}`);
    return output;
  };
  const isHealthy = async (): Promise<boolean> => (await run(stage.commands.health)).code === 0;
  const until = async (isTrue: () => Promise<boolean>, what: () => string): Promise<void> => {
    const deadline = performance.now() + START_MS_MAX;
    while (!(await isTrue())) {
      if (performance.now() > deadline) throw new Error(what());
      await sleep(200);
    }
  };
  const startHub = async (): Promise<Running> => {
    const hub = start(stage.commands.start, stage.environment);
    await until(isHealthy, () => `not healthy: ${hub.output().slice(-1_000)}`);
    return hub;
  };

  beforeAll(async () => {
    stage = await setStage();
  }, 240_000);
  afterAll(() => stage.close());
  beforeEach(() => {
    confinement = makeConfinement(`act-image-${process.pid}`, SEED_LIMITS);
  });
  afterEach(async () => {
    for (const one of running.splice(0)) {
      one.kill('SIGKILL');
      await one.ended;
    }
    // The kernel lets go of a group a moment after its last process.
    await sleep(200);
    confinement.remove();
  });

  it('make the schema once, and only with the URL of a user who may', async () => {
    const { ACT_MIGRATE_URL_FILE: _away, ...asHub } = stage.environment;
    expect(await run(stage.commands.act('migrate'), asHub)).toMatchObject({
      code: 1,
      output: expect.stringContaining('ACT_MIGRATE_URL'),
    });
    expect(await act('migrate')).toMatch(/the schema has now 1/);
    expect(await act('migrate')).toMatch(/up to date/);
  });

  it('serve within the limits of the seed, writing to /tmp alone, with every series that is asked for', async () => {
    const hub = await startHub();
    await act('project', 'create', 'Shop');
    const plan = join(stage.folder, 'plan.md');
    const lines = Array.from({ length: TASKS }, (_, index) => `- [ ] Task ${index}`);
    writeFileSync(plan, `# Shop\n\n## Build\n\n${lines.join('\n')}\n`);
    await act('plan', 'import', plan);
    const ready = await fetch(`${stage.environment['ACT_URL']}/readyz`);
    expect(ready.status).toBe(200);
    const exposed = await seriesOf(stage);
    for (const { name, series = [] } of queriesOf(DASHBOARD, ALERTS))
      expect({ name, unknown: series.filter((one) => !exposed.has(one)) }).toEqual({ name, unknown: [] });
    expect(confinement.memoryPeakBytes()).toBeLessThan(SEED_LIMITS.memoryBytes);
    console.log(
      `peak ${Math.round(confinement.memoryPeakBytes() / 1_048_576)} MiB of 512, held back ${confinement.throttled()} times`,
    );
    const asked = performance.now();
    hub.kill('SIGTERM');
    expect(await hub.ended).toBe(0);
    expect(performance.now() - asked).toBeLessThan(STOP_MS_MAX);
    expect(hub.output()).not.toMatch(/EROFS|EACCES|"level":"?(error|50)/);
  });

  it('tell by the health check that the hub is dead', async () => {
    const hub = await startHub();
    hub.kill('SIGKILL');
    await hub.ended;
    const { code, output } = await run(stage.commands.health);
    expect(code).toBe(1);
    expect(output).toMatch(/^not healthy: .*ECONNREFUSED/);
  });

  it('refuse the address of the container without a word about TLS, and half a start', async () => {
    const { ACT_TLS_TERMINATED: _away, ...environment } = stage.environment;
    const { code, output } = await run(stage.commands.start, { ...environment, ACT_HOST: '0.0.0.0' });
    expect(code).not.toBe(0);
    expect(output).toMatch(/ACT_HOST 0\.0\.0\.0 is reached from other machines/);
    expect(await isHealthy()).toBe(false);
  });

  it('report what is edited in a worktree of another user that is read only', async () => {
    const watched = join(stage.folder, 'watched');
    mkdirSync(watched);
    const git = (...args: string[]): string =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
        cwd: watched,
        encoding: 'utf8',
      });
    git('init', '--quiet', '--initial-branch=main');
    writeFileSync(join(watched, 'shop.txt'), 'bikes\n');
    git('add', '.');
    git('commit', '--quiet', '--message=first');
    // As the image's /etc/gitconfig.
    writeFileSync(join(stage.folder, '.gitconfig'), `[safe]\n\tdirectory = ${watched}\n`);

    await startHub();
    await act('project', 'create', 'Bikes');
    const asAgent = ['--kind', 'agent', '--role', 'agent', '--agent', 'ann'];
    await act('member', 'put', '--project', 'Bikes', ...asAgent);
    const [key = ''] = /act_live_\w+/.exec(await act('key', 'create', 'ann', '--project', 'Bikes')) ?? [];
    writeFileSync(stage.secretFile('watcher-key'), key);
    const volume = join(stage.folder, 'watcher-data');
    mkdirSync(volume);
    chownSync(volume, 10_001, 10_001);
    const watcher = start(
      stage.commands.act('watch', '--agent', `ann=${watched}`),
      { ...stage.watcherEnvironment, HOME: stage.folder, ACT_PROJECT: 'Bikes', ACT_DATA_DIR: volume },
      volume,
    );
    // What is edited before the watcher has looked for the first time is nothing new to it, and when that was it
    // does not say: so the file is edited until an edit is reported.
    await until(
      async () => {
        appendFileSync(join(watched, 'shop.txt'), 'and trailers\n');
        await sleep(2_000);
        return /ann modified shop\.txt/.test(watcher.output());
      },
      () => `not reported: ${watcher.output().slice(-1_000)}`,
    );
    expect(git('status', '--porcelain')).toBe(' M shop.txt\n');
  });
});
