import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { choosePort } from '@agentmix/act-testing/engines';
import { Attack } from '../access/attack.ts';
import { attackToolIds, attackTools } from '../access/attack-tools.ts';
import { get } from '../access/doors.ts';
import { sendForged } from '../access/forged.ts';
import { offered, untried } from '../access/operations.ts';
import { makePrincipals } from '../access/principals.ts';
import type { Principal } from '../access/principals.ts';
import { revokeOnce, startLoad } from '../access/revocations.ts';
import { setStage } from '../access/stage-set.ts';
import type { StageSet } from '../access/stage-set.ts';
import { toolNames } from '../access/tools.ts';
import { digestOf } from '../access/untouched.ts';
import { Verdicts } from '../access/verdicts.ts';
import { Database } from '../checkers/database.ts';
import { percentile } from '../checkers/percentile.ts';
import { HubProcess } from '../processes/hub.ts';
import { defineRow } from '../row.ts';
import type { RowContext } from '../row.ts';

type Names = 'revocations' | 'callers' | 'at-once' | 'revoked-ms-max';
type Context = RowContext<Names>;

const URL_OF_SOCKET = (socketDir: string): string =>
  `postgres://act_app@/act?host=${encodeURIComponent(socketDir)}&port=5432`;
/** Long enough that a revocation before it is known to every hub. */
const SETTLED_MS = 1_500;

/** All attackers come from one address, and how many there may be of them is another row’s subject. */
const UNLIMITED = {
  ACT_LIMIT_ADDRESS_PER_SECOND: '1000000',
  ACT_LIMIT_PRINCIPAL_PER_SECOND: '1000000',
  ACT_LIMIT_PROJECT_PER_SECOND: '1000000',
};

const inParallel = async <T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>) => {
  const waiting = [...items];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
};

/** The matrix: every operation by everyone who must not, through every door. */
const attackAll = async ({ sizes, log }: Context, set: StageSet, principals: readonly Principal[]) => {
  const verdicts = new Verdicts();
  const attacks = principals.map((who) => ({ who, attack: new Attack(set, who, verdicts) }));
  await inParallel(attacks, sizes['at-once'], async ({ who, attack }) => {
    await attack.connect();
    await attack.onProject();
    await attack.onHub();
    await attackTools(set, who, verdicts);
  });
  log(`${verdicts.attempts} attempts on the other project`);
  // One after another: what one of them does in the own project must not change what the next one is told.
  const foreign = attacks.filter(({ who }) => who.kind === 'foreign');
  for (const { who } of foreign) await attackToolIds(set, who, verdicts);
  for (const isPutting of [false, true]) for (const { attack } of foreign) await attack.onIds(isPutting);
  for (const { attack } of attacks) attack.close();
  log(`${verdicts.attempts} attempts in all`);
  return verdicts;
};

const revokeAll = async ({ sizes, log }: Context, set: StageSet, urls: readonly string[]) => {
  const { key } = await set.hold(set.theirs.projectId, 'viewer');
  const load = startLoad(urls, key, set.theirs.projectId, sizes.callers);
  const delays: number[] = [];
  for (let round = 0; round < sizes.revocations; round++)
    delays.push(...(await revokeOnce(set, urls[round % urls.length] ?? set.url, round)));
  const { calls, failed } = await load.stop();
  log(`${sizes.revocations} revocations under ${calls} calls`);
  return {
    revocations: sizes.revocations,
    calls,
    callsFailed: failed,
    revokedP50Ms: percentile(delays, 0.5),
    revokedP99Ms: percentile(delays, 0.99),
  };
};

export const t28 = defineRow<Names>({
  name: 'T28',
  summary:
    'access: every operation by everyone who must not do it; forged tokens at the doors; keys revoked under load',
  sizes: {
    revocations: [100, 20],
    callers: [4, 2],
    'at-once': [4, 4],
    'revoked-ms-max': [2_000, 2_000],
  },
  run: async (context) => {
    const { stage, sizes, log } = context;
    const masterKeys = randomBytes(32).toString('base64');
    const env = { ACT_MASTER_KEY: masterKeys, ...UNLIMITED };
    const socketPort = await choosePort();
    const hub = await HubProcess.start(stage, 'hub', undefined, {
      ...env,
      ACT_SOCKET_PORT: `${socketPort}`,
    });
    const ownerKey = { ACT_OWNER_KEY: hub.token };
    const second = await HubProcess.start(stage, 'hub2', URL_OF_SOCKET(hub.socketDir), {
      ...env,
      ...ownerKey,
    });
    const database = new Database(hub.socketDir);
    stage.onClose(() => database.close());
    const set = await setStage(hub.url, `http://127.0.0.1:${socketPort}`, hub.token);
    const { projectId } = set.theirs;
    const principals = await makePrincipals(set);
    log(`${principals.length} principals`);
    await sleep(SETTLED_MS);
    // Rows may be behind the log: a query brings them up.
    const settle = () => get(`${hub.url}/v1/projects/${projectId}`, hub.token);
    await settle();
    const before = await digestOf(database, projectId);
    const verdicts = await attackAll(context, set, principals);
    await settle();
    const after = await digestOf(database, projectId);
    const changed = [...after.keys()].filter((table) => after.get(table) !== before.get(table));
    const forged = await sendForged(set, hub, masterKeys, log);
    log(`${forged.forgeries} forgeries`);
    const revoked = await revokeAll(context, set, [second.url, hub.url]);
    const document = (await get(`${hub.url}/openapi.json`, undefined)).text;
    const withoutRow = untried(document, verdicts.tried);
    const toolsTried = toolNames.filter((name) => verdicts.tried.has(name));
    for (const line of verdicts.shown) log(line);
    const figures = {
      operations: offered(document).length,
      withoutRow: withoutRow.length,
      operationsWithoutRow: withoutRow,
      tools: toolsTried.length,
      principals: principals.length,
      attempts: verdicts.attempts,
      leaks: verdicts.leaks.length,
      distinguishable: verdicts.distinguishable.length,
      misnamed: verdicts.misnamed.length,
      changes: changed.length,
      changed,
      forgeries: forged.forgeries,
      forgedOverHeader: forged.overHeader,
      forgedAccepted: forged.taken.length,
      forgedNames: forged.taken.slice(0, 20),
      validRefused: forged.goodRefused,
      ...revoked,
    };
    const passed =
      figures.withoutRow +
        figures.leaks +
        figures.distinguishable +
        figures.misnamed +
        figures.changes +
        figures.forgedAccepted +
        figures.validRefused +
        figures.callsFailed ===
        0 && figures.revokedP99Ms <= sizes['revoked-ms-max'];
    return { ...figures, passed };
  },
});
