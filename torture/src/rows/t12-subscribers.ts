import { connectHub } from '@agentmix/act-client';
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../checkers/percentile.ts';
import { judgeStreams } from '../checkers/streams.ts';
import { readHistory } from '../history/read.ts';
import type { Outage } from '../processes/hub.ts';
import { defineRow } from '../row.ts';
import type { RowContext } from '../row.ts';
import { subscribeRaw } from '../raw-subscribers.ts';
import { openSceneOf, waitUntil } from '../scene.ts';
import type { Scene } from '../scene.ts';
import { subscribe } from '../subscribers.ts';
import type { Subscriber } from '../subscribers.ts';
import { CuttingProxy } from '../wire/cutting-proxy.ts';

type Names =
  | 'hubs'
  | 'subscribers'
  | 'drops'
  | 'drop-every-ms'
  | 'hub-kills'
  | 'writers'
  | 'write-every-ms'
  | 'resume-ms-max';
type Context = RowContext<Names>;

/** A subscriber behind a proxy of its own that cuts it off, and how long each time until the next event came. */
interface Victim {
  readonly subscriber: Subscriber;
  readonly resumes: { cutAt: number; resumedAt: number }[];
  /** Cuts as often as it shall; resolves when done. */
  readonly torment: (drops: number, everyMs: number) => Promise<void>;
}

const makeVictim = async ({ stage }: Context, scene: Scene, at: number): Promise<Victim> => {
  const proxy = await CuttingProxy.start(scene.hub.port);
  const retry = { delayMsMin: 5, delayMsMax: 100, attemptMs: 3_000 };
  const hub = connectHub({ url: proxy.url, token: scene.hub.token, retry });
  stage.onClose(async () => {
    await hub.close();
    await proxy.stop();
  });
  const resumes: Victim['resumes'] = [];
  let cutAt: number | undefined;
  const onEvent = (): void => {
    // The rest of a frame that had arrived before the cut is not a resumption.
    if (cutAt === undefined || Date.now() < cutAt + 25) return;
    resumes.push({ cutAt, resumedAt: Date.now() });
    cutAt = undefined;
  };
  const { projectId } = scene;
  const [name, address] = [`subscriber-${at}`, { url: proxy.url, token: scene.hub.token }];
  // The SDK does not speak GraphQL: those two are followed raw.
  const transports = ['sse', 'socket.io', 'graphql over sse', 'graphql over websocket'] as const;
  const transport = transports[at % transports.length] ?? 'sse';
  const subscriber =
    transport === 'sse' || transport === 'socket.io'
      ? subscribe(stage.dir, name, hub, projectId, transport, onEvent)
      : subscribeRaw(stage.dir, name, address, projectId, transport, { onEvent });
  return {
    subscriber,
    resumes,
    torment: async (drops, everyMs) => {
      for (let drop = 0; drop < drops; drop++) {
        await sleep(everyMs * (0.5 + Math.random()));
        cutAt ??= Date.now();
        proxy.cut();
      }
    },
  };
};

const startWriters = ({ sizes }: Context, scene: Scene): { stop: () => Promise<void> } => {
  let isStopping = false;
  const write = async (writer: number): Promise<void> => {
    for (let value = 0; !isStopping; value++) {
      const entry = { key: `writer-${writer}`, value };
      await scene.quiet.command('state.put', scene.projectId, entry).catch(() => undefined);
      await sleep(sizes['write-every-ms']);
    }
  };
  const writing = Array.from({ length: sizes.writers }, (_, writer) => write(writer));
  return {
    stop: async () => {
      isStopping = true;
      await Promise.all(writing);
    },
  };
};

/** Kills the hub so often, spread over the time that the drops take. */
const killHubs = async (scene: Scene, kills: number, wholeMs: number, log: Context['log']): Promise<void> => {
  const started = Date.now();
  for (let kill = 1; kill <= kills; kill++) {
    const due = started + (wholeMs * kill) / (kills + 1) - Date.now();
    await sleep(Math.max(100 + Math.random() * 400, due));
    await scene.hub.killAndRestart();
    if (kill % 10 === 0) log(`${kill} hub kills`);
  }
};

/** Resumptions that no outage of the hub fell into. */
const undisturbed = (victims: readonly Victim[], outages: readonly Outage[]): number[] =>
  victims
    .flatMap(({ resumes }) => resumes)
    .filter(({ cutAt, resumedAt }) =>
      outages.every(({ killedAt, servedAt }) => resumedAt < killedAt || cutAt > servedAt + 500),
    )
    .map(({ cutAt, resumedAt }) => resumedAt - cutAt);

export const t12 = defineRow<Names>({
  name: 'T12',
  summary: 'subscribers: dropped in mid-frame at random moments, hubs killed, while writers write',
  sizes: {
    hubs: [1, 1],
    subscribers: [32, 16],
    drops: [500, 40],
    'drop-every-ms': [600, 500],
    'hub-kills': [50, 4],
    writers: [4, 4],
    'write-every-ms': [20, 20],
    'resume-ms-max': [1_000, 1_000],
  },
  run: async (context) => {
    const { sizes, stage, log } = context;
    const scene = await openSceneOf(sizes.hubs, stage, {});
    const { database, projectId, hub } = scene;
    const victims: Victim[] = [];
    for (let at = 0; at < sizes.subscribers; at++) victims.push(await makeVictim(context, scene, at));
    const writers = startWriters(context, scene);
    const wholeMs = sizes.drops * sizes['drop-every-ms'];
    await Promise.all([
      ...victims.map(({ torment }) => torment(sizes.drops, sizes['drop-every-ms'])),
      killHubs(scene, sizes['hub-kills'], wholeMs, log),
    ]);
    await writers.stop();
    const last = await database.lastSeq(projectId);
    const subscribers = victims.map(({ subscriber }) => subscriber);
    await waitUntil(async () => subscribers.every(({ cursor }) => cursor() >= last), 20_000);
    await Promise.all(subscribers.map((subscriber) => subscriber.stop()));
    const { notes } = await readHistory(stage.dir);
    const events = await database.log(projectId);
    const streams = judgeStreams(
      notes,
      subscribers.map(({ name }) => name),
      events.length,
    );
    const resumes = undisturbed(victims, hub.outages);
    const figures = {
      subscribers: subscribers.length,
      drops: sizes.drops * sizes.subscribers,
      hubKills: hub.outages.length,
      events: events.length,
      expected: streams.expected,
      missing: streams.missing,
      duplicates: streams.duplicates,
      outOfOrder: streams.outOfOrder + streams.gaps,
      resumes: resumes.length,
      resumeP50Ms: percentile(resumes, 0.5),
      resumeP99Ms: percentile(resumes, 0.99),
    };
    const passed =
      events.length > 0 &&
      streams.missing + streams.duplicates + streams.outOfOrder + streams.gaps === 0 &&
      figures.resumeP99Ms <= sizes['resume-ms-max'];
    return { ...figures, passed };
  },
});
