import type { Socket } from 'socket.io-client';
import { judgeAnswers } from '../checkers/answers.ts';
import { judgeGrants } from '../checkers/grants.ts';
import { readHistory } from '../history/read.ts';
import { Recorder } from '../history/recorder.ts';
import { defineRow } from '../row.ts';
import type { RowContext } from '../row.ts';
import { addTasks, openSceneOf, settleRows } from '../scene.ts';
import type { Scene } from '../scene.ts';
import { graphqlCommand } from '../wire/graphql.ts';
import { restCommand } from '../wire/rest.ts';
import type { RawAnswer, RawCall } from '../wire/rest.ts';
import { openSocket, socketCommand } from '../wire/socket.ts';
import { uuidv7 } from 'uuidv7';

type Names = 'hubs' | 'claimants' | 'trials' | 'drain' | 'lease-ms';
type Context = RowContext<Names>;

/** One agent on a door of its own, its calls tried once and written down. */
interface Claimant {
  readonly sessionId: string;
  readonly call: (name: 'task.claim' | 'task.next' | 'task.complete', input: object) => Promise<RawAnswer>;
  readonly close: () => void;
}

const makeClaimant = async ({ stage }: Context, scene: Scene, at: number): Promise<Claimant> => {
  const address = { url: scene.hub.url, token: scene.hub.token };
  const registered = await scene.client.command('agent.register', scene.projectId, {
    agentId: `claimant-${at}`,
  });
  if (!registered.ok) throw new Error(`not registered: ${registered.refusal.code}`);
  const { sessionId } = registered.value;
  const socket: Socket | undefined = at % 3 === 1 ? await openSocket(address) : undefined;
  const byHttp = at % 3 === 0 ? restCommand : graphqlCommand;
  const recorder = new Recorder(stage.dir, `claimant-${at}`);
  const send = (call: RawCall): Promise<RawAnswer> =>
    socket ? socketCommand(socket, call) : byHttp(address, call);
  return {
    sessionId,
    call: async (name, more) => {
      const commandId = uuidv7();
      const input = { sessionId, ...more };
      const id = recorder.invoke(name, input, commandId);
      const answer = await send({ name, projectId: scene.projectId, input, commandId });
      if (answer.type === 'ok')
        recorder.end(id, name, {
          type: 'ok',
          output: answer.output,
          ...(answer.seq === undefined ? {} : { seq: answer.seq }),
        });
      else if (answer.type === 'fail') recorder.end(id, name, { type: 'fail', refusal: answer.refusal });
      else recorder.end(id, name, { type: 'info', output: answer.error });
      return answer;
    },
    close: () => {
      socket?.disconnect();
      recorder.close();
    },
  };
};

/** All claimants reach for one task, task after task. */
const race = async (claimants: readonly Claimant[], taskIds: readonly string[]): Promise<number> => {
  const started = performance.now();
  for (const taskId of taskIds)
    await Promise.all(claimants.map((claimant) => claimant.call('task.claim', { taskId })));
  return performance.now() - started;
};

/** All claimants ask for the best task and complete it, until there is none. */
const drain = async (claimants: readonly Claimant[]): Promise<number> => {
  const started = performance.now();
  await Promise.all(
    claimants.map(async ({ call }) => {
      for (;;) {
        const next = await call('task.next', {});
        if (next.type !== 'ok')
          throw new Error(`task.next: ${next.type === 'fail' ? next.refusal : next.error}`);
        // The hub answers task.next by the contract.
        const { claim } = next.output as { claim?: { taskId: string; epoch: number } };
        if (!claim) return;
        await call('task.complete', { taskId: claim.taskId, epoch: claim.epoch });
      }
    }),
  );
  return performance.now() - started;
};

export const t02 = defineRow<Names>({
  name: 'T02',
  summary: 'races: many claimants for one task over REST, Socket.IO and GraphQL, then for the best of many',
  sizes: {
    hubs: [1, 1],
    claimants: [64, 32],
    trials: [1_000, 100],
    drain: [500, 200],
    'lease-ms': [600_000, 600_000],
  },
  run: async (context) => {
    const { sizes, stage, log } = context;
    const scene = await openSceneOf(sizes.hubs, stage, { leaseMs: sizes['lease-ms'] });
    const claimants: Claimant[] = [];
    for (let at = 0; at < sizes.claimants; at++) claimants.push(await makeClaimant(context, scene, at));
    const task = (key: string) => ({ key, title: key });
    await addTasks(
      scene,
      Array.from({ length: sizes.trials }, (_, at) => task(`race-${at}`)),
    );
    await settleRows(scene);
    const raced = (await scene.database.tasks(scene.projectId)).map(({ id }) => id);
    const raceMs = await race(claimants, raced);
    log(`${sizes.trials} races in ${Math.round(raceMs)} ms`);
    await addTasks(
      scene,
      Array.from({ length: sizes.drain }, (_, at) => task(`drain-${at}`)),
    );
    const drainMs = await drain(claimants);
    for (const claimant of claimants) claimant.close();
    const { calls } = await readHistory(stage.dir);
    const events = await scene.database.log(scene.projectId);
    const grants = judgeGrants(events);
    const answers = judgeAnswers(calls, events, grants);
    await settleRows(scene);
    const rows = await scene.database.tasks(scene.projectId);
    const claims = calls.filter(({ name }) => name === 'task.claim');
    const figures = {
      claimants: sizes.claimants,
      trials: sizes.trials,
      attempts: claims.length,
      granted: claims.filter(({ type }) => type === 'ok').length,
      doubleGrants: grants.doubleGrants + answers.doubleGrants,
      claimsPerSecond: Math.round((claims.length / raceMs) * 1_000),
      drained: rows.filter(({ status }) => status === 'completed').length,
      grants: grants.all.length,
      drainedPerSecond: Math.round((sizes.drain / drainMs) * 1_000),
      unanswered: claims.filter(({ type }) => type === 'info').length,
    };
    const passed =
      figures.doubleGrants === 0 &&
      figures.granted === sizes.trials &&
      figures.attempts === sizes.trials * sizes.claimants &&
      figures.drained === sizes.drain &&
      figures.grants === sizes.trials + sizes.drain &&
      figures.unanswered === 0;
    return { ...figures, passed };
  },
});
