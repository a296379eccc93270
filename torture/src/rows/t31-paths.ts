import { mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { uuidv7 } from 'uuidv7';
import { hostilePaths } from '../fuzz/hostile-paths.ts';
import { traceFiles } from '../processes/file-trace.ts';
import type { FileCall } from '../processes/file-trace.ts';
import { defineRow } from '../row.ts';
import { openScene } from '../scene.ts';
import type { Scene } from '../scene.ts';

/** Somewhere that a caller can put a path: what is stored there afterwards, or that it was refused. */
export interface PathDoor {
  readonly name: string;
  readonly put: (path: string) => Promise<{ readonly stored: string | undefined }>;
}
export interface PathResult {
  readonly door: string;
  readonly path: string;
  readonly stored: string | undefined;
}

/** Every name through every door. A door throws when it neither refuses nor stores. */
export const tryNames = async (
  doors: readonly PathDoor[],
  names: readonly string[],
): Promise<PathResult[]> => {
  const results: PathResult[] = [];
  for (const door of doors)
    for (const path of names) results.push({ door: door.name, path, ...(await door.put(path)) });
  return results;
};

const REFUSED = { stored: undefined };

const openDoors = async ({ quiet, projectId, database }: Scene): Promise<PathDoor[]> => {
  const agent = await quiet.command('agent.register', projectId, { agentId: 'ada', leaseMs: 3_600_000 });
  const task = await quiet.command('task.create', projectId, { title: 'held' });
  if (!agent.ok || !task.ok) throw new Error('the row could not be prepared');
  const { sessionId } = agent.value;
  const claim = await quiet.command('task.claim', projectId, { sessionId, taskId: task.value.taskId });
  if (!claim.ok) throw new Error('no claim');
  const { taskId, epoch } = claim.value;
  const fromEvents = async (type: string): Promise<string> => {
    const event = (await database.log(projectId)).findLast((one) => one.type === type);
    return JSON.stringify(event?.data);
  };
  /** What the log says, which is what others will be told. */
  const inLog = async (type: string, path: string): Promise<{ stored: string | undefined }> =>
    (await fromEvents(type)).includes(JSON.stringify(path)) ? { stored: path } : { stored: 'something else' };
  return [
    {
      name: 'file.report',
      put: async (path) => {
        const changes = [{ path, kind: 'modified' as const }];
        const done = await quiet.command('file.report', projectId, { sessionId, changes });
        return done.ok ? inLog('file.modified', path) : REFUSED;
      },
    },
    {
      name: 'file.watch',
      put: async (path) => {
        const done = await quiet.command('file.watch', projectId, { sessionId, patterns: [path] });
        if (!done.ok) return REFUSED;
        const [row] = await database.rows<{ patterns: string[] }>(
          'select patterns from act.sessions where id = $1',
          [sessionId],
        );
        return { stored: row?.patterns[0] };
      },
    },
    {
      name: 'plan.apply',
      put: async (path) => {
        const tasks = [{ key: uuidv7(), title: 'planned', filePaths: [path] }];
        const done = await quiet.command('plan.apply', projectId, { tasks });
        return done.ok ? inLog('task.created', path) : REFUSED;
      },
    },
    {
      name: 'task.progress',
      put: async (path) => {
        const checkpoint = { note: 'half', paths: [path] };
        const done = await quiet.command('task.progress', projectId, {
          sessionId,
          taskId,
          epoch,
          checkpoint,
        });
        return done.ok ? inLog('task.progress', path) : REFUSED;
      },
    },
  ];
};

/** A file that is worth reading, whose time of access would tell. */
const plantCanary = (dir: string): string => {
  const folder = join(dir, 'outside');
  mkdirSync(folder);
  const canary = join(folder, 'canary.txt');
  writeFileSync(canary, 'nobody reads this');
  utimesSync(canary, new Date(0), new Date(0));
  return canary;
};

/** What the C library asks by itself when memory is to be shared out. */
const OF_THE_RUNTIME = new Set(['/sys/devices/system/cpu/online']);

/** Calls about anything but the data directory. Without a name a call is about a file that is open already. */
const outside = (calls: readonly FileCall[], dataDir: string): FileCall[] =>
  calls.filter(({ path }) => path !== '' && !path.startsWith(`${dataDir}/`) && !OF_THE_RUNTIME.has(path));

export const t31 = defineRow<'settle-ms'>({
  name: 'T31',
  summary: 'hostile paths wherever a path is taken: refused or kept as text, and the hub opens nothing',
  sizes: { 'settle-ms': [3_000, 1_000] },
  run: async ({ sizes, stage, log }) => {
    const scene = await openScene(stage, {});
    const { hub } = scene;
    const canary = plantCanary(stage.dir);
    const names = hostilePaths(canary, hub.dataDir.split('/').length);
    const doors = await openDoors(scene);
    // The first call of each kind may still load code of the hub.
    await tryNames(doors, ['src/first.ts', '/']);
    const stopTrace = await traceFiles(hub.pid, join(stage.dir, 'files.trace'), log);
    const results = await tryNames(doors, names);
    await scene.quiet.query('file.list', scene.projectId, {});
    await new Promise((resolve) => setTimeout(resolve, sizes['settle-ms']));
    // A tracer that sees nothing would prove nothing: this call looks for a file of the page at /docs.
    const known = `/docs/static/${uuidv7()}.css`;
    await fetch(`${hub.url}${known}`);
    const calls = await stopTrace();
    const isTracing = calls.some(({ path }) => path.endsWith(known.split('/').at(-1) ?? known));
    const strays = outside(calls, hub.dataDir).filter(({ path }) => !path.includes('swagger-ui'));
    for (const { call, path } of strays.slice(0, 20)) log(`${call} ${path}`);
    const stored = results.filter((one) => one.stored !== undefined);
    const altered = stored.filter((one) => one.stored !== one.path);
    for (const { door, path } of altered.slice(0, 20)) log(`altered by ${door}: ${JSON.stringify(path)}`);
    const figures = {
      paths: names.length,
      doors: doors.map(({ name }) => name),
      tried: results.length,
      refused: results.length - stored.length,
      stored: stored.length,
      altered: altered.length,
      isTracing,
      traced: calls.length,
      outside: strays.length,
      canaryRead: statSync(canary).atimeMs > 0,
    };
    const passed =
      names.length >= 80 && altered.length === 0 && strays.length === 0 && isTracing && !figures.canaryRead;
    return { ...figures, passed };
  },
});
