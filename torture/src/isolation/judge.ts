import { Attack } from './attack.ts';
import type { Case, World } from './world.ts';

export interface Verdict {
  readonly name: string;
  readonly tries: string;
  /** Rows of project b that were seen or changed, and statements that were not refused. */
  readonly leaked: number;
  readonly verdict: 'held' | 'leaked' | 'broken' | 'skipped';
  /** Rows of the attacker's own that were seen: whoever sees nothing at all proves little. */
  readonly rows: number;
  readonly statements: number;
  /** The first evidence of a leak, the first refusal, or why it is no verdict. */
  readonly said?: string;
}

/** Every row of project b, table by table. */
const digest = async ({ superuser, tables, b }: World): Promise<string> => {
  const digests: string[] = [];
  for (const { name, column } of tables) {
    if (column === undefined) continue;
    const { rows } = await superuser.query<{ digest: string | null }>(
      `select md5(string_agg(t::text, ',' order by t::text)) as digest from act.${name} t where ${column} = $1`,
      [b.id],
    );
    digests.push(`${name} ${rows[0]?.digest}`);
  }
  return digests.join();
};

/** Runs one case on a connection of its own, and compares the rows of project b before and after. */
export const judge = async (one: Case, world: World): Promise<Verdict> => {
  const { name, tries } = one;
  const nothing = { name, tries, leaked: 0, rows: 0, statements: 0 };
  if (one.needs === 'pgbouncer' && !world.bouncer)
    return { ...nothing, verdict: 'skipped', said: 'pgbouncer is not installed' };
  const opened: { end: () => Promise<void> }[] = [];
  const open: World['open'] = async (...given) => {
    const client = await world.open(...given);
    opened.push(client);
    return client;
  };
  const before = await digest(world);
  const attack = new Attack(await open());
  let broken: string | undefined;
  try {
    await one.run(attack, { ...world, open });
  } catch (error) {
    broken = error instanceof Error ? error.message : String(error);
    attack.judge({ rows: [], heard: [broken] }, name);
  } finally {
    await Promise.all(opened.map((client) => client.end()));
  }
  if ((await digest(world)) !== before) attack.leak(1, 'rows of project b have changed');
  const { leaks, rows, statements, evidence, refusals } = attack;
  const said = evidence[0] ?? broken ?? refusals[0];
  return {
    ...nothing,
    leaked: leaks,
    rows,
    statements,
    verdict: leaks > 0 ? 'leaked' : broken === undefined ? 'held' : 'broken',
    ...(said === undefined ? {} : { said: said.split('\n')[0] ?? '' }),
  };
};
