import { randomBytes } from 'node:crypto';
import type { InboxMessage } from '@agentmix/act-client';
import * as canaries from '../checkers/canaries.ts';
import type { Needles, Searched } from '../checkers/canaries.ts';
import { defineRow } from '../row.ts';
import type { RowContext } from '../row.ts';
import { openScene, settleRows, waitUntil } from '../scene.ts';
import type { HubScene } from '../scene.ts';
import { forge, openSecondProject, replay, swapKeys } from '../sealed/attacks.ts';
import { exchange, openAll, roundTrips } from '../sealed/exchange.ts';
import type { Sent } from '../sealed/exchange.ts';
import { inboxOf, joinParty } from '../sealed/parties.ts';
import type { Party } from '../sealed/parties.ts';
import { openSocket, socketStream } from '../wire/socket.ts';
import { sseStream } from '../wire/sse.ts';

type Names = 'messages' | 'forged-messages' | 'flips' | 'replays' | 'large';
type Context = RowContext<Names>;

const PARTIES = ['ada', 'bob', 'cleo'];
/** What the streams of the hub carry while the row runs. */
const listen = async ({ stage }: Context, scene: HubScene): Promise<Map<string, string[]>> => {
  const heard = new Map<string, string[]>([
    ['server-sent events', []],
    ['Socket.IO', []],
  ]);
  const ending = new AbortController();
  const address = { url: scene.hub.url, token: scene.hub.token };
  const stream = sseStream(
    address,
    scene.projectId,
    0,
    (text) => heard.get('server-sent events')?.push(text),
    ending.signal,
  ).catch(() => undefined);
  const socket = await openSocket(address);
  await socketStream(socket, scene.projectId, 0, (text) => heard.get('Socket.IO')?.push(text));
  stage.onClose(async () => {
    ending.abort();
    socket.disconnect();
    await stream;
  });
  return heard;
};

/** First what must fail, on messages that nobody has opened; then they are opened, and what must fail afterwards. */
const attack = async (
  { sizes, stage, log }: Context,
  scene: HubScene,
  parties: readonly Party[],
  sent: ReadonlyMap<string, Sent>,
) => {
  const [ada, bob] = parties;
  if (!ada || !bob) throw new Error('two parties');
  const forBob = (await inboxOf(bob)).filter(({ id }) => sent.has(id));
  const spread = (count: number): InboxMessage[] => {
    const step = Math.max(1, Math.floor(forBob.length / count));
    return forBob.filter((_, at) => at % step === 0).slice(0, count);
  };
  const elsewhere = await openSecondProject(scene, [ada, bob]);
  const forged = await forge(scene, bob, spread(sizes['forged-messages']), {
    others: PARTIES,
    flips: sizes.flips,
    elsewhere,
  });
  log(`${forged.tried} forgeries: ${JSON.stringify(forged.outcomes)}`);
  const opening = await openAll(parties, sent);
  const replayed = await replay(scene, bob, parties, spread(sizes.replays));
  log(`${replayed.tried} replays: ${JSON.stringify(replayed.outcomes)}`);
  const fromAda = forBob.find(({ senderAgentId }) => senderAgentId === ada.agentId);
  if (!fromAda) throw new Error('no message from ada');
  const swapped = await swapKeys(stage, scene, { victim: bob, peer: ada, genuine: fromAda });
  return {
    ...opening,
    forgedTried: forged.tried + swapped.tally.tried,
    forgedAccepted: forged.accepted + swapped.tally.accepted,
    forgedOutcomes: forged.outcomes,
    swaps: swapped.swaps,
    swapsShownByLog: swapped.shownByLog,
    swappedOutcomes: swapped.tally.outcomes,
    replaysTried: replayed.tried,
    replaysAccepted: replayed.accepted,
    replayOutcomes: replayed.outcomes,
  };
};

const PLACES = ['tables', 'files', 'logs', 'streams'] as const;

const searchAll = async (
  scene: HubScene,
  heard: ReadonlyMap<string, readonly string[]>,
  needles: Needles,
): Promise<Record<(typeof PLACES)[number], Searched>> => ({
  tables: await canaries.searchTables(scene.database, needles),
  files: canaries.searchDirectory(scene.hub.dataDir, needles),
  logs: canaries.searchFiles([scene.hub.logFile], needles),
  streams: canaries.searchTexts(heard, needles),
});

const makeMarker = (kind: string): string => `${kind}-${randomBytes(12).toString('hex')}`;

const secretsOf = (parties: readonly Party[]): Buffer[] =>
  parties.flatMap(({ keyring: { secrets } }) =>
    [secrets.sealingSecret, secrets.signingSecret].map((key) => Buffer.from(key, 'base64url')),
  );

/**
 * Says something openly in every place that is searched, so that a search which finds nothing there is known to
 * look: a message and a milestone. Of the hub's log every line has a level. Then all of it is brought to the disk.
 */
const control = async (
  scene: HubScene,
  [speaker, listener]: readonly Party[],
  heard: ReadonlyMap<string, readonly string[]>,
  marker: string,
): Promise<void> => {
  await speaker?.agent.sendMessage(listener?.agentId ?? '', { content: marker });
  const named = await scene.client.command('project.milestone', scene.projectId, { name: marker });
  if (!named.ok) throw new Error(`no milestone: ${named.refusal.code}`);
  await settleRows(scene);
  const needles = canaries.textNeedles(marker);
  await waitUntil(
    () => Promise.resolve(canaries.searchTexts(heard, needles).found.length === heard.size),
    10_000,
  );
  await scene.database.rows('checkpoint');
};

export const t35 = defineRow<Names>({
  name: 'T35',
  summary:
    'sealed messages: forged, replayed and swapped by the hub itself; canaries searched wherever it writes',
  sizes: {
    messages: [1_000, 48],
    'forged-messages': [60, 4],
    flips: [512, 16],
    replays: [50, 4],
    large: [40, 4],
  },
  run: async (context) => {
    const { sizes, stage, log } = context;
    const scene = await openScene(stage, {}, { ACT_TORTURE_LOG: 'trace' });
    const heard = await listen(context, scene);
    const [secret, open] = [makeMarker('canary'), makeMarker('open')];
    const parties: Party[] = [];
    for (const agentId of PARTIES) parties.push(await joinParty(stage, scene, agentId));
    const sent = await exchange(sizes.messages, scene, parties, secret);
    log(`${sent.size} messages sent`);
    const outcome = await attack(context, scene, parties, sent);
    const openedLarge = await roundTrips(sizes.large);
    await control(scene, parties, heard, open);
    const search = await searchAll(
      scene,
      heard,
      canaries.together(canaries.textNeedles(secret), canaries.keyNeedles(secretsOf(parties))),
    );
    const controls = await searchAll(
      scene,
      heard,
      canaries.together(canaries.textNeedles(open), canaries.textNeedles('"level"')),
    );
    const found = Object.values(search).flatMap((one) => one.found);
    const controlsMissing = PLACES.filter((place) => controls[place].found.length === 0);
    const searched = PLACES.map((place) => [place, [search[place].things, search[place].bytes]]);
    const figures = {
      total: sent.size,
      ...outcome,
      openedLarge,
      canariesFound: found.length,
      found,
      controlsMissing,
      thingsAndBytesSearched: Object.fromEntries(searched) as Record<string, number[]>,
    };
    return {
      ...figures,
      passed:
        figures.opened === figures.total &&
        figures.openedAgain === figures.total &&
        openedLarge === sizes.large &&
        figures.forgedAccepted === 0 &&
        figures.replaysAccepted === 0 &&
        figures.swapsShownByLog === figures.swaps &&
        found.length === 0 &&
        controlsMissing.length === 0,
    };
  },
});
