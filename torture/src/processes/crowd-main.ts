import { once } from 'node:events';
import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { routes } from '@agentmix/act-contract/routes';
import { uuidv7 } from 'uuidv7';
import { percentile } from '../checkers/percentile.ts';
import type { CrowdOrders, PhaseFigures, PhaseOrder } from './crowd.ts';

/**
 * Agents of one project that make tasks, take them and complete them over REST, look at the list of tasks once a task,
 * and renew their leases. They come back when they are told to, as the SDK does.
 */
const orders = JSON.parse(process.argv[2] ?? '{}') as CrowdOrders;
const LEASE_MS = 30_000;
const CALL_MS_MAX = 30_000;
const IDLE_MS = 100;
const ERRORS_TOLD = 5;
const LENT_MAX = 100;
const ARRIVALS_EVERY_MS = 5;
/**
 * As many connections as there are calls: who waits for another’s connection would measure that. All are kept, as each
 * agent keeps its own: Node would close those beyond 256 that nobody uses just now, and open others a moment later.
 */
const agent = new Agent({ keepAlive: true, maxFreeSockets: Infinity });
type Name = keyof typeof routes;
type Fields = Record<string, unknown>;

let phase: PhaseOrder = { kind: 'phase', agents: 0, pauseMs: 0, ms: 0, settleMs: 0 };
let phaseAt = 0;
const blank = () => ({
  calls: 0,
  arrived: 0,
  left: 0,
  completed: 0,
  sentAway: 0,
  sentAwayBare: 0,
  errors: 0,
  firstErrors: [] as string[],
  leasesLost: 0,
  times: { keep: [] as number[], claim: [] as number[], other: [] as number[] },
  lastSentAwayMs: 0,
});
let counted = blank();

interface Answer {
  readonly status: number;
  readonly body: Fields;
  readonly retryAfterMs: number | undefined;
}

const send = async (name: Name, input: Fields, commandId: string): Promise<Answer> => {
  const { method, path } = routes[name];
  const rest: Fields = { ...input };
  const target = path.replaceAll(/\{(\w+)\}/g, (_, field: string) => {
    const value = field === 'projectId' ? orders.projectId : rest[field];
    delete rest[field];
    return encodeURIComponent(String(value));
  });
  const hasBody = method !== 'GET';
  const query = new URLSearchParams(
    Object.entries(rest).map(([key, value]): [string, string] => [key, String(value)]),
  );
  const body = hasBody ? JSON.stringify(rest) : '';
  const asked = request(
    `${orders.url}/v1${target}${hasBody || query.size === 0 ? '' : `?${query.toString()}`}`,
    {
      method,
      agent,
      headers: {
        authorization: `Bearer ${orders.token}`,
        'idempotency-key': commandId,
        ...(hasBody ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } : {}),
      },
      timeout: CALL_MS_MAX,
    },
  );
  asked.once('timeout', () => asked.destroy(new Error(`no answer within ${CALL_MS_MAX} ms`)));
  asked.end(body);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const retryAfter = response.headers['retry-after'];
  return {
    status: response.statusCode ?? 0,
    body: (await json(response)) as Fields,
    retryAfterMs: retryAfter === undefined ? undefined : 1_000 * Number(retryAfter),
  };
};

const failed = (name: Name, why: string): void => {
  counted.errors++;
  if (counted.firstErrors.length < ERRORS_TOLD) counted.firstErrors.push(`${name}: ${why}`);
};

const kindOf = (name: Name): 'keep' | 'claim' | 'other' => {
  if (name === 'agent.heartbeat' || name === 'task.complete') return 'keep';
  return name === 'task.next' ? 'claim' : 'other';
};

/** What is done about being sent away: the call is made again in time, or done without then, or at once. */
type Patience = 'again' | 'later' | 'none';

/** Calls until it is answered; undefined when it was refused, or sent away and done without. */
const ask = async (name: Name, input: Fields, patience: Patience = 'again'): Promise<Fields | undefined> => {
  const commandId = uuidv7();
  for (;;) {
    const started = performance.now();
    const answer = await send(name, input, commandId).catch((error: Error) => failed(name, error.message));
    const ms = performance.now() - started;
    counted.calls++;
    if (!answer) {
      await sleep(1_000);
      continue;
    }
    if (answer.status === 503 || answer.status === 429) {
      if (answer.retryAfterMs === undefined) counted.sentAwayBare++;
      else counted.sentAway++;
      counted.lastSentAwayMs = performance.now() - phaseAt;
      if (patience === 'none') return undefined;
      await sleep((answer.retryAfterMs ?? 1_000) * (1 + 0.2 * Math.random()));
      if (patience === 'later') return undefined;
      continue;
    }
    counted.times[kindOf(name)].push(ms);
    if (answer.status === 200) return answer.body;
    const code = String(answer.body['code']);
    if (code === 'session_expired') counted.leasesLost++;
    else failed(name, code);
    return undefined;
  }
};

/** A pause ends with its phase: the next one may have none. */
const pauseFor = async (ms: number): Promise<void> => {
  const own = phase;
  const until = performance.now() + ms;
  while (own === phase && performance.now() < until)
    await sleep(Math.min(IDLE_MS, Math.max(1, until - performance.now())));
};

/** Takes a task and completes it; false when the session is over. */
const finishOne = async (sessionId: string, pauseMs: number, patience: Patience): Promise<boolean> => {
  const pause = (): Promise<void> => pauseFor(pauseMs * (0.5 + Math.random()));
  await pause();
  const next = await ask('task.next', { sessionId, waitMs: 0 });
  const claim = next?.['claim'] as { epoch: number; task: { id: string } } | undefined;
  // Another agent was faster to this one: there will be others.
  if (!claim) return next !== undefined;
  await pause();
  await ask('task.list', { status: 'ready', limit: 10 }, patience);
  await pause();
  const done = await ask('task.complete', { taskId: claim.task.id, sessionId, epoch: claim.epoch });
  if (done) counted.completed++;
  await pause();
  return done !== undefined;
};

const register = async (agentId: string): Promise<string | undefined> => {
  const registered = await ask('agent.register', { agentId, leaseMs: LEASE_MS });
  return registered && String(registered['sessionId']);
};

/** While its number is called it works; otherwise it is gone, and its session ends as it likes. */
const live = async (number: number): Promise<void> => {
  const agentId = `crowd-${number}`;
  let sessionId: string | undefined;
  const isCalled = (): boolean => number < phase.agents;
  const beat = async (): Promise<void> => {
    for (;;) {
      await sleep(LEASE_MS / 3);
      if (!isCalled() || sessionId === undefined) continue;
      const own = sessionId;
      if (!(await ask('agent.heartbeat', { sessionId })) && sessionId === own) sessionId = undefined;
    }
  };
  void beat();
  for (;;) {
    if (!isCalled()) {
      sessionId = undefined;
      await sleep(IDLE_MS);
      continue;
    }
    sessionId ??= await register(agentId);
    const created = sessionId === undefined ? undefined : await ask('task.create', { title: 'work' });
    if (!sessionId || !created || !(await finishOne(sessionId, phase.pauseMs, 'later')))
      sessionId = undefined;
  }
};

/** Sessions that arrivals speak in, opened when the first come. */
const lent: string[] = [];
let isLending = false;

const lend = async (): Promise<void> => {
  if (isLending) return;
  isLending = true;
  const opened = await Promise.all(
    Array.from({ length: LENT_MAX }, (_, number) => register(`lent-${number}`)),
  );
  lent.push(...opened.filter((one) => one !== undefined));
  setInterval(() => {
    for (const sessionId of lent) void ask('agent.heartbeat', { sessionId });
  }, LEASE_MS / 3);
};

/** Nobody who was taken in is left with work undone. */
const arrive = async (): Promise<void> => {
  const sessionId = lent[Math.floor(Math.random() * lent.length)];
  if (sessionId === undefined) return;
  counted.arrived++;
  const created = await ask('task.create', { title: 'work' }, 'none');
  if (created) await finishOne(sessionId, 0, 'none');
  else counted.left++;
};

const startArrivals = (perSecond: number): (() => void) => {
  const startedAt = performance.now();
  let begun = 0;
  const timer = setInterval(() => {
    for (; begun < ((performance.now() - startedAt) / 1_000) * perSecond; begun++) void arrive();
  }, ARRIVALS_EVERY_MS);
  return () => clearInterval(timer);
};

const figures = (seconds: number): PhaseFigures => {
  const { completed, times, ...counts } = counted;
  const all = Object.values(times).flat();
  return {
    kind: 'figures',
    ...counts,
    completedPerSecond: Math.round((10 * completed) / seconds) / 10,
    p50Ms: percentile(all, 0.5),
    p99Ms: percentile(all, 0.99),
    keepP99Ms: percentile(times.keep, 0.99),
    claimP99Ms: percentile(times.claim, 0.99),
    lastSentAwayMs: Math.round(counts.lastSentAwayMs),
  };
};

let started = 0;
const run = async (order: PhaseOrder): Promise<void> => {
  phase = order;
  phaseAt = performance.now();
  for (; started < order.agents; started++) void live(started);
  if (order.arrivalsPerSecond !== undefined) await lend();
  const stopArrivals = startArrivals(order.arrivalsPerSecond ?? 0);
  await sleep(order.settleMs);
  counted = blank();
  const countedAt = performance.now();
  await sleep(order.ms - order.settleMs);
  stopArrivals();
  process.send?.(figures((performance.now() - countedAt) / 1_000));
};

process.on('message', (message: PhaseOrder) => void run(message));
process.on('disconnect', () => process.exit(0));
process.send?.({ kind: 'started' });
