import { expect } from 'vitest';
import { queries } from '@agentmix/act-contract';
import type {
  CommandArguments,
  EventData,
  EventType,
  FramedEvent,
  QueryArguments,
  QueryOutput,
} from '@agentmix/act-contract';
import { emptyState, makeTalk, restore } from '@agentmix/act-core';
import type {
  Commit,
  CommitOutcome,
  LaneCommandName,
  ProjectState,
  Store,
  StoredQueryName,
} from '@agentmix/act-core';
import { uuidv7 } from 'uuidv7';
import { commandOf, decideBatch } from '../records.ts';
import type { Sent } from '../records.ts';
import { isSignedBy } from '../signatures.ts';

/** A store under test. Where `advanceClock` is absent its time is real and has to be waited for. */
export interface StoreUnderTest {
  readonly store: Store;
  readonly advanceClock?: (ms: number) => void | Promise<void>;
  readonly dispose: () => Promise<void>;
}
export type MakeStore = () => Promise<StoreUnderTest>;

export const letPass = async ({ advanceClock }: StoreUnderTest, ms: number): Promise<void> => {
  if (advanceClock) await advanceClock(ms);
  else await new Promise((resolve) => setTimeout(resolve, ms));
};

export const sent = <N extends LaneCommandName>(name: N, input: CommandArguments<N>): Sent => ({
  commandId: uuidv7(),
  command: commandOf(name, input),
});

/** One writer of one project, with its own state. */
export interface Driver {
  readonly projectId: string;
  readonly store: Store;
  state: ProjectState;
  idHigh: number;
}

export const makeDriver = (store: Store, projectId: string = uuidv7()): Driver => ({
  projectId,
  store,
  state: emptyState(projectId),
  idHigh: 0,
});

/** Another writer of the same project, which begins with what the store has. */
export const openDriver = async (store: Store, projectId: string): Promise<Driver> => {
  const loaded = await store.load(projectId, 1_000);
  if (!loaded) throw new Error(`no project ${projectId}`);
  return { projectId, store, state: restore(loaded.image), idHigh: loaded.tail.at(-1)?.idHigh ?? 0 };
};

/** Decides a batch and hands back its commit, unwritten; every command must be accepted. */
export const prepare = async (driver: Driver, batch: readonly Sent[]): Promise<Commit> => {
  const now = Math.floor(await driver.store.clock());
  const options = {
    now,
    newId: uuidv7,
    seeking: new Set<string>(),
    talk: makeTalk(),
    isSignedBy,
    idHigh: driver.idHigh,
  };
  const { outcomes, commit } = decideBatch(driver.state, batch, options);
  for (const outcome of outcomes) expect(outcome).not.toHaveProperty('refusal');
  if (!commit) throw new Error('nothing to commit');
  driver.idHigh = commit.record.idHigh;
  return commit;
};

export const write = async (driver: Driver, batch: readonly Sent[]): Promise<CommitOutcome> =>
  driver.store.commit(await prepare(driver, batch));

/** Runs one command that must be accepted and committed; its events. */
export const run = async <N extends LaneCommandName>(
  driver: Driver,
  name: N,
  input: CommandArguments<N>,
): Promise<readonly FramedEvent[]> => {
  const commit = await prepare(driver, [sent(name, input)]);
  expect(await driver.store.commit(commit)).toMatchObject({ outcome: 'committed' });
  return commit.changes.events;
};

/** The data of the first event of a type that a command makes. */
export const made = async <N extends LaneCommandName, T extends EventType>(
  driver: Driver,
  name: N,
  input: CommandArguments<N>,
  type: T,
): Promise<EventData<T>> => {
  const event = (await run(driver, name, input)).find((one) => one.type === type);
  if (!event) throw new Error(`${name} made no ${type}`);
  // Of this type, hence with its data.
  return event.data as EventData<T>;
};

export const newProject = async (store: Store): Promise<Driver> => {
  const driver = makeDriver(store);
  await run(driver, 'project.create', { name: 'acceptance' });
  return driver;
};

export const join = async (driver: Driver, agentId: string, leaseMs = 60_000): Promise<string> =>
  (await made(driver, 'agent.register', { agentId, leaseMs }, 'agent.registered')).sessionId;

export const addTask = async (driver: Driver, input: CommandArguments<'task.create'>): Promise<string> =>
  (await made(driver, 'task.create', input, 'task.created')).taskId;

/** Asks a query and holds the answer against the contract: nothing missing, nothing more. */
export const ask = async <N extends StoredQueryName>(
  driver: Driver,
  name: N,
  input: QueryArguments<N>,
): Promise<QueryOutput<N> | undefined> => {
  const schemas = queries[name];
  const parsed = schemas.input.parse(input) as Parameters<Store['query']>[2];
  const answer: unknown = await driver.store.query(name, driver.projectId, parsed as never);
  if (answer === undefined) return undefined;
  const checked = schemas.output.parse(answer);
  expect(checked).toEqual(answer);
  return checked as QueryOutput<N>;
};
