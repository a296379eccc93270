import { setTimeout as sleep } from 'node:timers/promises';
import { GraphqlConnection } from '../wire/graphql-socket.ts';
import { openSocket } from '../wire/socket.ts';
import { get } from './doors.ts';
import type { StageSet } from './stage-set.ts';

/** A revocation that takes longer than this to be seen was not seen at all. */
const SEEN_MS_MAX = 20_000;

const within = async (what: string, done: Promise<unknown>): Promise<void> => {
  const late = sleep(SEEN_MS_MAX, 'late');
  if ((await Promise.race([done, late])) === 'late')
    throw new Error(`${what} goes on ${SEEN_MS_MAX} ms later`);
};

/** Calls without a pause, on every hub, until told to stop; answers how many there were, and how many failed. */
export const startLoad = (urls: readonly string[], key: string, projectId: string, callers: number) => {
  const figures = { calls: 0, failed: 0 };
  let isStopping = false;
  const work = async (url: string): Promise<void> => {
    while (!isStopping) {
      const { ok } = await get(`${url}/v1/projects/${projectId}/tasks?limit=50`, key);
      figures.calls++;
      if (!ok) figures.failed++;
    }
  };
  const working = Array.from({ length: callers }, (_, at) => work(urls[at % urls.length] ?? ''));
  return {
    stop: async () => {
      isStopping = true;
      await Promise.all(working);
      return figures;
    },
  };
};

/** Resolves when the stream has ended. */
const followToEnd = async (
  url: string,
  token: string,
  projectId: string,
): Promise<{ ended: Promise<void> }> => {
  const response = await fetch(`${url}/v1/projects/${projectId}/events`, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw new Error(`no stream: ${response.status}`);
  return { ended: response.text().then(() => undefined) };
};

/**
 * Ends a key at one hub while connections, a stream and calls of it go on at another: milliseconds until each of the
 * four was over. Odd rounds use a token of the key, every third ends its member instead.
 */
export const revokeOnce = async (set: StageSet, url: string, round: number): Promise<number[]> => {
  const { projectId } = set.theirs;
  const held = await set.hold(projectId, 'viewer');
  const token = round % 2 === 0 ? held.key : await set.tokenOf(held.key);
  const socket = await openSocket({ url, token });
  const answer: unknown = await socket.emitWithAck('subscribe', { projectId });
  if (!(answer as { ok: boolean }).ok) throw new Error(`not subscribed: ${JSON.stringify(answer)}`);
  const graphql = await GraphqlConnection.open({ url, token });
  const stream = await followToEnd(url, token, projectId);
  const cut = new Promise((resolve) => socket.once('disconnect', resolve));
  const { memberId, keyId } = held;
  if (round % 3 === 0) await set.run('member.remove', projectId, { memberId });
  else await set.run('key.revoke', projectId, { keyId });
  const startedAt = performance.now();
  const delays: number[] = [];
  const over = (): void => void delays.push(performance.now() - startedAt);
  const refused = async (): Promise<void> => {
    while ((await get(`${url}/v1/projects/${projectId}`, token)).ok) await sleep(5);
  };
  await Promise.all([
    within('the connection', cut.then(over)),
    within('the connection of GraphQL', graphql.ended.then(over)),
    within('the stream', stream.ended.then(over)),
    within('REST', refused().then(over)),
  ]);
  return delays;
};
