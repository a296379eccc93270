import { judgeAnswers } from '../checkers/answers.ts';
import { judgeGrants } from '../checkers/grants.ts';
import { percentile } from '../checkers/percentile.ts';
import { judgeStreams } from '../checkers/streams.ts';
import { readHistory } from '../history/read.ts';
import { Recorder } from '../history/recorder.ts';
import { subscribeRaw, transports } from '../raw-subscribers.ts';
import type { RawSubscriber } from '../raw-subscribers.ts';
import { defineRow } from '../row.ts';
import type { RowContext } from '../row.ts';
import { addTasks, openSceneOf, waitUntil } from '../scene.ts';
import type { Scene } from '../scene.ts';
import { graphqlCommand } from '../wire/graphql.ts';
import { restCommand } from '../wire/rest.ts';
import type { RawAnswer, RawCall } from '../wire/rest.ts';
import { openSocket, socketCommand } from '../wire/socket.ts';
import { uuidv7 } from 'uuidv7';

type Names = 'hubs' | 'events' | 'writers' | 'more-writers' | 'subscribers' | 'rejoin-ms' | 'pause-ms';
type Context = RowContext<Names>;

interface Writer {
  readonly send: (call: RawCall) => Promise<RawAnswer>;
  readonly recorder: Recorder;
  readonly holder: { sessionId: string; taskId: string; epoch: number };
  readonly close: () => void;
}

const makeWriter = async ({ stage }: Context, scene: Scene, name: string, at: number): Promise<Writer> => {
  const address = { url: scene.hub.url, token: scene.hub.token };
  const { client, projectId } = scene;
  const registered = await client.command('agent.register', projectId, { agentId: name, leaseMs: 600_000 });
  if (!registered.ok) throw new Error(`not registered: ${registered.refusal.code}`);
  const { sessionId } = registered.value;
  const next = await client.command('task.next', projectId, { sessionId });
  const claim = next.ok ? next.value.claim : undefined;
  if (!claim) throw new Error('no task for a writer');
  const socket = at % 3 === 1 ? await openSocket(address) : undefined;
  const byHttp = at % 3 === 0 ? restCommand : graphqlCommand;
  return {
    send: (call) => (socket ? socketCommand(socket, call) : byHttp(address, call)),
    recorder: new Recorder(stage.dir, name),
    holder: { sessionId, taskId: claim.taskId, epoch: claim.epoch },
    close: () => socket?.disconnect(),
  };
};

/** One event: of the shared state, or of the writer's task. */
const writeOne = async (scene: Scene, writer: Writer, name: string, count: number): Promise<void> => {
  const commandId = uuidv7();
  const call: RawCall =
    count % 2 === 0
      ? { name: 'state.put', projectId: scene.projectId, input: { key: name, value: count }, commandId }
      : {
          name: 'task.progress',
          projectId: scene.projectId,
          input: { ...writer.holder, percent: count % 100 },
          commandId,
        };
  const id = writer.recorder.invoke(call.name, call.input, commandId);
  const answer = await writer.send(call);
  if (answer.type === 'ok')
    writer.recorder.end(id, call.name, {
      type: 'ok',
      ...(answer.seq === undefined ? {} : { seq: answer.seq }),
    });
  else if (answer.type === 'fail')
    writer.recorder.end(id, call.name, { type: 'fail', refusal: answer.refusal });
  else writer.recorder.end(id, call.name, { type: 'info', output: answer.error });
};

/** So many writers, each its own door, each writing as soon as the event before is acknowledged. */
const write = async (
  context: Context,
  scene: Scene,
  phase: string,
  count: number,
  events: number,
): Promise<number> => {
  await addTasks(
    scene,
    Array.from({ length: count }, (_, at) => ({ key: `${phase}-${at}`, title: phase })),
  );
  const writers: Writer[] = [];
  for (let at = 0; at < count; at++) writers.push(await makeWriter(context, scene, `${phase}-${at}`, at));
  const started = performance.now();
  let left = events;
  const pauseMs = context.sizes['pause-ms'];
  await Promise.all(
    writers.map(async (writer, at) => {
      for (let mine = 0; left-- > 0; mine++) {
        await writeOne(scene, writer, `${phase}-${at}`, mine);
        if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }),
  );
  const seconds = (performance.now() - started) / 1_000;
  for (const writer of writers) writer.close();
  return Math.round(events / seconds);
};

/** Delays measured so far, of all subscribers, taken away. */
const takeDelays = (subscribers: readonly RawSubscriber[], from: number[]): number[] =>
  subscribers.flatMap(({ delays }, at) => {
    const part = delays.slice(from[at] ?? 0);
    from[at] = delays.length;
    return part;
  });

export const t11 = defineRow<Names>({
  name: 'T11',
  summary: 'events: few, then many writers; raw subscribers, half of which leave and come back all the time',
  sizes: {
    hubs: [1, 1],
    events: [100_000, 10_000],
    writers: [16, 16],
    'more-writers': [64, 64],
    subscribers: [8, 8],
    'rejoin-ms': [150, 150],
    'pause-ms': [0, 0],
  },
  run: async (context) => {
    const { sizes, stage, log } = context;
    const scene = await openSceneOf(sizes.hubs, stage, {});
    const { projectId, database, hub } = scene;
    const address = { url: hub.url, token: hub.token };
    /** The others leave and come back; of each kind there is one that stays. */
    const stays = (at: number): boolean => at % (2 * transports.length) < transports.length;
    const subscribers = Array.from({ length: sizes.subscribers }, (_, at) =>
      subscribeRaw(
        stage.dir,
        `subscriber-${at}`,
        address,
        projectId,
        transports[at % transports.length] ?? 'sse',
        { rejoinMs: stays(at) ? undefined : sizes['rejoin-ms'] },
      ),
    );
    const caughtUp = async (): Promise<boolean> => {
      const last = await database.lastSeq(projectId);
      return subscribers.every(({ cursor }) => cursor() >= last);
    };
    const taken: number[] = [];
    const few = await write(context, scene, 'few', sizes.writers, sizes.events / 2);
    await waitUntil(caughtUp, 20_000);
    const fewDelays = takeDelays(
      subscribers.filter((_, at) => stays(at)),
      taken,
    );
    log(`${sizes.writers} writers: ${few} events/s`);
    const many = await write(context, scene, 'many', sizes['more-writers'], sizes.events / 2);
    await waitUntil(caughtUp, 20_000);
    const manyDelays = takeDelays(
      subscribers.filter((_, at) => stays(at)),
      taken,
    );
    await Promise.all(subscribers.map((subscriber) => subscriber.stop()));
    const { calls, notes } = await readHistory(stage.dir);
    const events = await database.log(projectId);
    const answers = judgeAnswers(calls, events, judgeGrants(events));
    const streams = judgeStreams(
      notes,
      subscribers.map(({ name }) => name),
      events.length,
    );
    const figures = {
      events: events.length,
      acknowledged: calls.filter(({ type }) => type === 'ok').length,
      subscribers: subscribers.length,
      connections: subscribers.reduce((sum, { connections }) => sum + connections(), 0),
      lost: streams.missing,
      outOfOrder: streams.outOfOrder,
      gaps: streams.gaps,
      duplicates: streams.duplicates,
      lostAcknowledged: answers.lostAcknowledged,
      eventsPerSecond: [few, many],
      commitToDeliveryP50Ms: [percentile(fewDelays, 0.5), percentile(manyDelays, 0.5)],
      commitToDeliveryP99Ms: [percentile(fewDelays, 0.99), percentile(manyDelays, 0.99)],
    };
    const passed =
      events.length >= sizes.events &&
      streams.missing + streams.outOfOrder + streams.gaps + streams.duplicates + answers.lostAcknowledged ===
        0;
    return { ...figures, passed };
  },
});
