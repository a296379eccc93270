import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  issueToken,
  KeyRing,
  makeDatabaseClock,
  makeTokenVerifier,
  openKeyProvider,
} from '@agentmix/act-hub/access';
import type { TokenAuthority, TokenVerifier } from '@agentmix/act-hub/access';
import {
  createDatabaseIfMissing,
  makePostgresTokenStores,
  migrate,
  startEmbedded,
} from '@agentmix/act-postgres';
import { uuidv7 } from 'uuidv7';
import { percentile } from '../checkers/percentile.ts';
import { controls, forgeries } from '../forgeries/index.ts';
import type { Forgery, ForgeryContext } from '../forgeries/index.ts';
import { defineRow } from '../row.ts';
import type { RowContext } from '../row.ts';
import { readTokenVectors } from '../vectors/jose-vectors.ts';
import { tryPrimitives } from '../vectors/primitives.ts';

type Names =
  | 'replicas'
  | 'rotations'
  | 'rotate-every-ms'
  | 'publish-ahead-ms'
  | 'retirements'
  | 'revoked-ms-max'
  | 'forgeries-min';
type Context = RowContext<Names>;

/** What a hub process has: a connection, a clock and a ring of its own. */
interface Replica {
  readonly authority: TokenAuthority;
  readonly verifier: TokenVerifier;
}

const ISSUER = 'urn:act:torture';
const grant = {
  memberId: uuidv7(),
  projectId: uuidv7(),
  role: 'agent',
  keyId: uuidv7(),
  agentId: 'ada',
} as const;

const startReplicas = async ({ sizes, stage, log }: Context): Promise<Replica[]> => {
  const server = await startEmbedded({ dataDir: join(stage.dir, 'data') });
  stage.onClose(() => server.stop());
  const { socketDir, port, superuser } = server;
  await createDatabaseIfMissing({ socketDir, port, user: superuser }, 'act');
  await migrate({ connection: { socketDir, port, user: superuser } });
  const keyProvider = await openKeyProvider({ dataDir: stage.dir });
  const startOne = async (): Promise<Replica> => {
    const connection = { socketDir, port, user: 'act_app' };
    const stores = makePostgresTokenStores({ connection, connectionsMax: 2, log: () => undefined });
    const clock = makeDatabaseClock();
    const publishAheadMs = sizes['publish-ahead-ms'];
    const ring = await KeyRing.open({ store: stores.signingKeys, keyProvider, clock, publishAheadMs, log });
    stage.onClose(async () => {
      await ring.close();
      await stores.close();
    });
    const authority = { ring, issuer: ISSUER, clock };
    return { authority, verifier: makeTokenVerifier(authority) };
  };
  return Promise.all(Array.from({ length: sizes.replicas }, startOne));
};

const issue = async ({ authority }: Replica): Promise<string> => {
  const issued = await issueToken(authority, grant);
  if (!issued) throw new Error('the hub cannot sign');
  return issued.token;
};

const signerOf = ({ authority }: Replica) => {
  const { signer } = authority.ring;
  if (!signer) throw new Error('the hub cannot sign');
  return signer;
};

/** Names of those that a replica takes, and of those it cannot judge; asked twice, so that nothing bad is remembered as good. */
const judge = async ({ verifier }: Replica, tokens: readonly Forgery[]) => {
  const taken = new Set<string>();
  const undecided = new Set<string>();
  for (const { name, token } of tokens)
    for (const verdict of [await verifier.verify(token), await verifier.verify(token)]) {
      if ('claims' in verdict) taken.add(name);
      else if (verdict.flaw === 'unavailable') undecided.add(name);
    }
  return { taken: [...taken], undecided: [...undecided] };
};

/** Issues and checks on all replicas without a pause, every fresh token on every one; new and remembered ones. */
const startLoad = (replicas: readonly Replica[]) => {
  const figures = { issued: 0, checks: 0, validRefused: 0, flaws: new Set<string>() };
  const samples: string[] = [];
  let isStopping = false;
  const check = async ({ verifier }: Replica, token: string): Promise<void> => {
    const verdict = await verifier.verify(token);
    figures.checks++;
    if ('claims' in verdict) return;
    figures.validRefused++;
    figures.flaws.add(verdict.flaw);
  };
  const work = async (replica: Replica): Promise<void> => {
    while (!isStopping) {
      const token = await issue(replica);
      figures.issued++;
      await Promise.all(replicas.map((other) => check(other, token)));
      await Promise.all(replicas.map((other) => check(other, token)));
      if (figures.issued % 20 === 0) samples.push(token);
      // Timers of the rings must run too, as they do between the calls of a hub.
      await sleep(1);
    }
  };
  const working = replicas.map(work);
  return {
    figures,
    check,
    stop: async (): Promise<readonly string[]> => {
      isStopping = true;
      await Promise.all(working);
      return samples;
    },
  };
};

/** Rotates under load; then every token that was sampled is checked again by replicas that never saw it. */
const rotate = async ({ sizes, log }: Context, replicas: readonly Replica[]) => {
  const load = startLoad(replicas);
  const signers = new Set<string>();
  for (let rotation = 0; rotation < sizes.rotations; rotation++) {
    const replica = replicas[rotation % replicas.length];
    const refused = await replica?.authority.ring.rotate();
    if (refused) throw new Error(refused.code);
    await sleep(sizes['rotate-every-ms']);
    for (const one of replicas) signers.add(signerOf(one).kid);
  }
  await sleep(sizes['publish-ahead-ms'] + 1_000);
  for (const one of replicas) signers.add(signerOf(one).kid);
  const samples = await load.stop();
  const fresh = replicas.map(({ authority }) => ({ authority, verifier: makeTokenVerifier(authority) }));
  for (const token of samples) for (const replica of fresh) await load.check(replica, token);
  log(`${sizes.rotations} rotations, ${signers.size} keys signed`);
  const { flaws, ...figures } = load.figures;
  return { ...figures, sampledAgain: samples.length, keysThatSigned: signers.size, flawsOfValid: [...flaws] };
};

/** Retires the signing key under load, round after round: how long until no replica takes its tokens. */
const retire = async ({ sizes }: Context, replicas: readonly Replica[]) => {
  const delays: number[] = [];
  const refusedAfter: string[] = [];
  for (let round = 0; round < sizes.retirements; round++) {
    const replica = replicas[round % replicas.length];
    if (!replica) break;
    const { kid } = signerOf(replica);
    const token = await issue(replica);
    for (const { verifier } of replicas) await verifier.verify(token);
    const startedAt = performance.now();
    await replica.authority.ring.retire(kid);
    await Promise.all(
      replicas.map(async ({ verifier }) => {
        while ('claims' in (await verifier.verify(token))) await sleep(5);
        delays.push(performance.now() - startedAt);
      }),
    );
    const next = await issue(replica);
    for (const { verifier } of replicas) {
      const verdict = await verifier.verify(next);
      if ('flaw' in verdict) refusedAfter.push(verdict.flaw);
    }
  }
  return { delays, refusedAfter };
};

/** Forgeries of the moment, with a retired key among them. */
const contextOf = async (replica: Replica): Promise<ForgeryContext> => {
  const { kid, privateKey } = signerOf(replica);
  await replica.authority.ring.retire(kid);
  return { token: await issue(replica), signer: signerOf(replica), retired: { kid, privateKey } };
};

export const t26 = defineRow<Names>({
  name: 'T26',
  summary: 'tokens: forged in every way we know, public vectors, and keys rotated and retired under load',
  sizes: {
    replicas: [3, 3],
    rotations: [20, 20],
    'rotate-every-ms': [1_500, 300],
    'publish-ahead-ms': [1_000, 1_000],
    retirements: [50, 5],
    'revoked-ms-max': [2_000, 2_000],
    'forgeries-min': [60, 60],
  },
  run: async (context) => {
    const { sizes } = context;
    const replicas = await startReplicas(context);
    const [replica] = replicas;
    if (!replica) throw new Error('no replica');
    const forgery = await contextOf(replica);
    const matrix = await forgeries(forgery);
    const vectors = readTokenVectors();
    const forged = await judge(replica, [...matrix, ...vectors.tokens]);
    const good = controls(forgery);
    const goodJudged = await judge(replica, good);
    const primitives = await tryPrimitives();
    const rotation = await rotate(context, replicas);
    const retirement = await retire(context, replicas);
    const figures = {
      forgeries: matrix.length,
      vectorTokens: vectors.used,
      forgedAccepted: forged.taken.length,
      forgedNames: forged.taken,
      forgedUndecided: forged.undecided.length,
      controls: good.length,
      ...rotation,
      validRefused:
        rotation.validRefused + (good.length - goodJudged.taken.length) + retirement.refusedAfter.length,
      primitiveVectors: primitives.used,
      primitiveFailures: primitives.failures,
      retirements: sizes.retirements,
      revokedP50Ms: percentile(retirement.delays, 0.5),
      revokedP99Ms: percentile(retirement.delays, 0.99),
      leftOut: [...vectors.absent, ...primitives.absent],
    };
    const passed =
      matrix.length >= sizes['forgeries-min'] &&
      figures.forgedAccepted + figures.forgedUndecided + figures.validRefused + primitives.failures.length ===
        0 &&
      rotation.keysThatSigned >= 2 &&
      figures.revokedP99Ms <= sizes['revoked-ms-max'];
    return { ...figures, passed };
  },
});
