import { randomInt } from 'node:crypto';
import { hashOf } from './log-under-attack.ts';
import type { LogRow, LogUnderAttack } from './log-under-attack.ts';

/** What an attack knows: the log, the place of the head that somebody keeps, and another project to move rows to. */
export interface Target {
  readonly log: LogUnderAttack;
  readonly keptSeq: number;
  readonly otherProjectId: string;
}
type Attack = (target: Target) => Promise<void>;

const pick = <T>(items: readonly T[]): T => {
  const item = items[randomInt(items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
};

/** Rows that a head was kept for. */
const keptRows = ({ log, keptSeq }: Target): LogRow[] =>
  log.rows.filter(({ last_seq: end }) => end <= keptSeq);

const flipInNumber = (value: number, bits: number): number =>
  Number(BigInt(Math.trunc(value)) ^ (1n << BigInt(randomInt(bits))));

/** Another text of the same length in one of its bits, which PostgreSQL still takes as text. */
const flipInText = (text: string): string => {
  for (;;) {
    const at = randomInt(text.length);
    const code = text.charCodeAt(at) ^ (1 << randomInt(7));
    if (code >= 0x20 && code < 0x7f)
      return text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
  }
};

const flipInUuid = (id: string): string => {
  const digits = [...id.matchAll(/[0-9a-f]/g)];
  const { index, 0: digit } = pick(digits);
  const flipped = (Number.parseInt(digit, 16) ^ (1 << randomInt(4))).toString(16);
  return id.slice(0, index) + flipped + id.slice(index + 1);
};

const flipOne = <T>(items: readonly T[], flip: (item: T) => T): T[] => {
  const chosen = randomInt(items.length);
  return items.map((item, at) => (at === chosen ? flip(item) : item));
};

type Flip = (row: LogRow, target: Target) => Partial<LogRow>;
/** A bit of each column; of times the milliseconds, which is what the hub reads and hashes. */
const FLIPS: Readonly<Record<keyof LogRow, Flip>> = {
  project_id: (_row, { otherProjectId }) => ({ project_id: otherProjectId }),
  first_seq: (row) => ({ first_seq: Math.min(flipInNumber(row.first_seq, 12), row.last_seq - 1) }),
  last_seq: (row) => ({ last_seq: row.last_seq + 100_000 + 2 ** randomInt(10) }),
  at: (row) => ({ at: new Date(flipInNumber(Date.parse(row.at), 36)).toISOString() }),
  command_ids: (row) => ({ command_ids: flipOne(row.command_ids, flipInUuid) }),
  actors: (row) => ({ actors: flipOne(row.actors, flipInUuid) }),
  event_counts: (row) => ({ event_counts: flipOne(row.event_counts, (count) => flipInNumber(count, 8)) }),
  fingerprints: (row) => ({ fingerprints: flipOne(row.fingerprints, (print) => flipInNumber(print, 50)) }),
  id_high: (row) => ({ id_high: flipInNumber(row.id_high, 40) }),
  events: (row) => ({ events: flipInText(row.events) }),
  previous_hash: (row) => ({ previous_hash: flipInText(row.previous_hash) }),
  hash: (row) => ({ hash: flipInText(row.hash) }),
};

const flipping =
  (flip: Flip): Attack =>
  async (target) => {
    for (;;) {
      const row = pick(target.log.rows);
      const changed = { ...row, ...flip(row, target) };
      if (JSON.stringify(changed) === JSON.stringify(row)) continue;
      return target.log.replace(row.last_seq, changed);
    }
  };

/** Another word in a record’s events. */
const edited = (row: LogRow): LogRow => ({
  ...row,
  events: row.events.replace('"title":"', '"title":"not '),
});

/** Makes rows a chain again, from a hash on. */
const chained = (rows: readonly LogRow[], previousHash: string): LogRow[] => {
  let before = previousHash;
  return rows.map((row) => {
    const next = { ...row, previous_hash: before };
    before = hashOf(next);
    return { ...next, hash: before };
  });
};

/** Writes everything anew from a record that a head was kept for, the project’s row too: only that head shows it. */
const rewrite: Attack = async (target) => {
  const { log } = target;
  const from = pick(keptRows(target).filter(({ events }) => events.includes('"title":"')));
  const rest = log.rows.slice(log.rows.indexOf(from));
  const rewritten = chained([edited(from), ...rest.slice(1)], from.previous_hash);
  await log.removeAfter(from.last_seq - 1);
  for (const row of rewritten) await log.insert(row);
  const last = rewritten.at(-1);
  if (last) await log.setEnd(last);
};

/** Hashes one record anew, names that hash in the next one, and goes no further. */
const relink: Attack = async (target) => {
  const { log } = target;
  const from = pick(log.rows.slice(0, -1).filter(({ events }) => events.includes('"title":"')));
  const next = log.rows[log.rows.indexOf(from) + 1];
  const changed = { ...edited(from), hash: hashOf(edited(from)) };
  await log.replace(from.last_seq, changed);
  if (next) await log.replace(next.last_seq, { ...next, previous_hash: changed.hash });
};

/** Two records change places, with the numbers of the places. */
const reorder: Attack = async ({ log }) => {
  const at = randomInt(log.rows.length - 1);
  const [one, two] = [log.rows[at], log.rows[at + 1]];
  if (!one || !two) return;
  await log.remove(one.last_seq);
  await log.replace(two.last_seq, { ...one, first_seq: two.first_seq, last_seq: two.last_seq });
  await log.insert({ ...two, first_seq: one.first_seq, last_seq: one.last_seq });
};

/** A record too many, hashed as it should be, with later ones moved up behind it or not. */
const insertOne: Attack = async ({ log }) => {
  const at = 1 + randomInt(log.rows.length - 2);
  const [before, after] = [log.rows[at - 1], log.rows[at]];
  if (!before || !after) return;
  const forged = chained([{ ...after, first_seq: before.last_seq + 1 }], before.hash)[0];
  if (!forged) return;
  await log.removeAfter(before.last_seq);
  await log.insert(forged);
  const by = forged.last_seq - forged.first_seq + 1;
  for (const row of log.rows.slice(at))
    await log.insert({ ...row, first_seq: row.first_seq + by, last_seq: row.last_seq + by });
};

const cutLog: Attack = async ({ log }) => log.removeAfter(pick(log.rows.slice(0, -1)).last_seq);

/** Cuts the log before the kept head and makes the project’s row agree: only that head shows it. */
const cutLogAndEnd: Attack = async (target) => {
  const last = pick(keptRows(target).slice(0, -1));
  await target.log.removeAfter(last.last_seq);
  await target.log.setEnd(last);
};

/** Every way of tampering, by name. */
export const attacks: Readonly<Record<string, Attack>> = {
  ...Object.fromEntries(Object.entries(FLIPS).map(([column, flip]) => [`flip ${column}`, flipping(flip)])),
  delete: async ({ log }) => log.remove(pick(log.rows).last_seq),
  insert: insertOne,
  reorder,
  'cut the tail': cutLog,
  'cut the tail and the project’s row': cutLogAndEnd,
  'rewrite all after a record': rewrite,
  'hash one record anew': relink,
};
