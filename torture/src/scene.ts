import type { CommandArguments, Hub } from '@agentmix/act-client';
import { connectHub } from '@agentmix/act-client';
import { Database } from './checkers/database.ts';
import { Recorder } from './history/recorder.ts';
import { recordingHub } from './history/recording-hub.ts';
import { Fleet } from './processes/fleet.ts';
import type { Target } from './processes/fleet.ts';
import { HubProcess } from './processes/hub.ts';
import type { Stage } from './processes/stage.ts';
import type { Address } from './wire/rest.ts';

/** What every row begins with: a hub in its own process, or several, a project, and the database behind it. */
export interface Scene {
  readonly hub: Target;
  readonly database: Database;
  readonly projectId: string;
  /** The SDK, its commands written to the history of the process `main`. */
  readonly client: Hub;
  /** The SDK without a history. */
  readonly quiet: Hub;
  readonly recorder: Recorder;
}

/** With one hub, of which everything is known. */
export interface HubScene extends Scene {
  readonly hub: HubProcess;
}

type Settings = NonNullable<CommandArguments<'project.create'>['settings']>;

const RETRY = { totalMs: 120_000, attemptMs: 10_000, delayMsMin: 20, delayMsMax: 500 };

export const openScene = async (
  stage: Stage,
  settings: Settings,
  env: Readonly<Record<string, string>> = {},
): Promise<HubScene> => {
  const hub = await HubProcess.start(stage, 'hub', undefined, env);
  return openProject(stage, hub, settings, hub.socketDir);
};

/** With several hubs on one database of their own. */
export interface FleetScene extends Scene {
  readonly hub: Fleet;
}

export const openFleetScene = async (stage: Stage, hubs: number, settings: Settings): Promise<FleetScene> => {
  const hub = await Fleet.start(stage, hubs);
  return openProject(stage, hub, settings, hub.socketDir);
};

/** A scene with so many hubs on one database, behind a balancer where they are several. */
export const openSceneOf = async (hubs: number, stage: Stage, settings: Settings): Promise<Scene> =>
  hubs > 1 ? openFleetScene(stage, hubs, settings) : openScene(stage, settings);

/** A project at a hub that runs already; the database is that of `socketDir`. */
export const openProject = async <H extends Address>(
  stage: Stage,
  hub: H,
  settings: Settings,
  socketDir: string,
): Promise<Omit<Scene, 'hub'> & { readonly hub: H }> => {
  const quiet = connectHub({ url: hub.url, token: hub.token, retry: RETRY });
  const recorder = new Recorder(stage.dir, 'main');
  const client = recordingHub(quiet, recorder);
  const database = new Database(socketDir);
  stage.onClose(() => database.close());
  stage.onClose(() => quiet.close());
  const created = await client.command('project.create', undefined, { name: 'torture', settings });
  if (!created.ok) throw new Error(`no project: ${created.refusal.code}`);
  return { hub, database, projectId: created.value.projectId, client, quiet, recorder };
};

export const PLAN_TASKS_MAX = 500;

/** Tasks of a plan, created in as many calls as it takes. */
export const addTasks = async (
  scene: Scene,
  tasks: NonNullable<CommandArguments<'plan.apply'>['tasks']>,
): Promise<void> => {
  for (let first = 0; first < tasks.length; first += PLAN_TASKS_MAX) {
    const part = tasks.slice(first, first + PLAN_TASKS_MAX);
    const applied = await scene.client.command('plan.apply', scene.projectId, { tasks: part });
    if (!applied.ok) throw new Error(`no tasks: ${applied.refusal.code} ${applied.refusal.detail ?? ''}`);
  }
};

/** Rows may stay behind the log for a moment; a query brings them up before they are looked at from outside. */
export const settleRows = async (scene: Scene): Promise<void> => {
  const project = await scene.quiet.query('project.get', scene.projectId, {});
  if (!project.ok) throw new Error(`rows not settled: ${project.refusal.code}`);
};

/** Polls until it holds; false when the time is over first. */
export const waitUntil = async (
  holds: () => Promise<boolean>,
  timeoutMs: number,
  everyMs = 200,
): Promise<boolean> => {
  const until = performance.now() + timeoutMs;
  for (;;) {
    if (await holds().catch(() => false)) return true;
    if (performance.now() > until) return false;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
};
