import { createHash } from 'node:crypto';
import { AUDIT_HEAD_TYPE, AuditKey, headText, recordText, refusal } from '@agentmix/act-contract';
import type { AuditHead, AuditRecord } from '@agentmix/act-contract';
import { calculateJwkThumbprint, CompactSign, exportJWK, generateKeyPair } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Hub } from '../hub.ts';
import { makeAuditWatcher } from './audit-watcher.ts';
import type { AuditChecked, KeptHead } from './audit-watcher.ts';
import { CHAIN_START, verifyChain } from './verify-chain.ts';

const PROJECT = '00000000-0000-7000-8000-000000000001';
const uuid = (number: number): string => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;
const hashOf = (record: Omit<AuditRecord, 'hash'>): string =>
  createHash('sha256').update(recordText(record)).digest('hex');

/** A record of some events that continues another, each event by a command of its own. */
const recordAfter = (before: AuditRecord | undefined, events: number, word = 'task'): AuditRecord => {
  const firstSeq = (before?.lastSeq ?? 0) + 1;
  const each = Array.from({ length: events }, (_, at) => firstSeq + at);
  const unhashed = {
    projectId: PROJECT,
    firstSeq,
    lastSeq: firstSeq + events - 1,
    at: 1_700_000_000_000 + firstSeq,
    commandIds: each.map((seq) => uuid(1_000 + seq)),
    actors: each.map(() => uuid(7)),
    eventCounts: each.map(() => 1),
    fingerprints: each.map((seq) => seq * 31),
    idHigh: 1_700_000_000_000 + firstSeq,
    eventsText: JSON.stringify(each.map((seq) => ({ seq, type: 'task.ready', data: { word } }))),
    previousHash: before?.hash ?? CHAIN_START,
  };
  return { ...unhashed, hash: hashOf(unhashed) };
};

const chain = (count: number, word?: string): AuditRecord[] => {
  const records: AuditRecord[] = [];
  for (let at = 0; at < count; at++) records.push(recordAfter(records.at(-1), 1 + (at % 3), word));
  return records;
};

const first = (records: readonly AuditRecord[]): AuditRecord => {
  const [record] = records;
  if (!record) throw new Error('no record');
  return record;
};

describe('verifyChain', () => {
  const records = chain(6);
  const changed = (at: number, change: Partial<AuditRecord>): AuditRecord[] =>
    records.map((record, place) => (place === at ? { ...record, ...change } : record));
  /** The same, its own hash made anew. */
  const rehashed = (at: number, change: Partial<AuditRecord>): AuditRecord[] =>
    changed(at, change).map((record, place) => (place === at ? { ...record, hash: hashOf(record) } : record));
  const breakOf = async (broken: readonly AuditRecord[]) => {
    const result = await verifyChain(broken, CHAIN_START);
    return result.ok ? 'none' : [result.break, result.firstSeq];
  };

  it('takes records that continue one another, from the beginning or from a known hash', async () => {
    expect(await verifyChain(records, CHAIN_START)).toMatchObject({ ok: true, records: 6, events: 12 });
    const [one, ...rest] = records;
    expect(await verifyChain(rest, one?.hash)).toMatchObject({ ok: true, end: { lastSeq: 12 } });
    expect(await verifyChain(rest)).toMatchObject({ ok: true });
    expect(await verifyChain(rest, CHAIN_START)).toMatchObject({ ok: false, break: 'previous_hash' });
    expect(await verifyChain([])).toMatchObject({ ok: true, records: 0 });
  });

  it('finds a column that was changed, each of them', async () => {
    const record = records[2] ?? first(records);
    const { firstSeq } = record;
    const changes: Partial<AuditRecord>[] = [
      { at: record.at + 1 },
      { idHigh: record.idHigh + 1 },
      { commandIds: record.commandIds.map(() => uuid(9)) },
      { actors: record.actors.map(() => uuid(9)) },
      { fingerprints: record.fingerprints.map((print) => print + 1) },
      { eventsText: record.eventsText.replace('task', 'tusk') },
      { eventsText: record.eventsText.replace('[', '[ ') },
      { hash: record.hash.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) },
    ];
    for (const change of changes) expect(await breakOf(changed(2, change))).toEqual(['hash', firstSeq]);
    expect(await breakOf(changed(2, { previousHash: CHAIN_START }))).toEqual(['previous_hash', firstSeq]);
  });

  it('finds what a record that is hashed anew says against itself or the one before', async () => {
    const record = records[2] ?? first(records);
    const { firstSeq, lastSeq, at } = record;
    const cases: [string, Partial<AuditRecord>][] = [
      ['list_lengths', { actors: record.actors.slice(1) }],
      ['list_lengths', { fingerprints: [] }],
      ['event_counts', { eventCounts: record.eventCounts.map((count) => count + 1) }],
      [
        'event_numbers',
        { eventsText: record.eventsText.replace(`"seq":${lastSeq}`, `"seq":${lastSeq + 1}`) },
      ],
      ['event_numbers', { eventsText: '[null]' }],
      ['event_numbers', { eventsText: 'no JSON' }],
      ['time_backwards', { at: at - 1_000 }],
      ['other_project', { projectId: uuid(2) }],
      ['gap', { firstSeq: firstSeq - 1 }],
      ['gap', { lastSeq: firstSeq - 1 }],
    ];
    for (const [found, change] of cases) expect((await breakOf(rehashed(2, change)))[0]).toBe(found);
    // Its own hash is right now: the next record shows it.
    const next = records[3]?.firstSeq;
    const edited = rehashed(2, { eventsText: record.eventsText.replace('task', 'tusk') });
    expect(await breakOf(edited)).toEqual(['previous_hash', next]);
  });

  it('finds a record left out, repeated, or in another place', async () => {
    expect(await breakOf(records.toSpliced(2, 1))).toEqual(['gap', records[3]?.firstSeq]);
    expect(await breakOf(records.toSpliced(2, 0, first(records)))).toEqual(['gap', 1]);
    expect((await breakOf([...records.slice(0, 2), ...records.slice(2).toReversed()]))[0]).toBe('gap');
  });
});

describe('an audit watcher', () => {
  let log: AuditRecord[];
  let kept: KeptHead | undefined;
  let startSeq: number;
  let mayList: boolean;
  let said: Partial<AuditHead>;
  let sign: (head: AuditHead) => Promise<KeptHead>;

  beforeEach(async () => {
    log = chain(5);
    kept = undefined;
    startSeq = 1;
    mayList = true;
    said = {};
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    const jwk = await exportJWK(publicKey);
    const key = AuditKey.parse({ ...jwk, kid: await calculateJwkThumbprint(jwk) });
    sign = async (head) => ({
      head: await new CompactSign(new TextEncoder().encode(headText(head)))
        .setProtectedHeader({ alg: 'EdDSA', typ: AUDIT_HEAD_TYPE, kid: key.kid })
        .sign(privateKey),
      key,
    });
  });

  const headOf = async (): Promise<KeptHead> => {
    const { lastSeq = 0, hash = CHAIN_START } = log.at(-1) ?? {};
    return sign({
      iss: 'urn:hub',
      projectId: PROJECT,
      lastSeq,
      hash,
      time: '2026-01-01T00:00:00.000Z',
      ...said,
    });
  };
  const answer = async (name: string, _projectId: string, input: { after?: unknown }): Promise<unknown> => {
    if (name === 'audit.head') return { ok: true, value: { ...(await headOf()), startSeq } };
    if (!mayList) return { ok: false, refusal: refusal('forbidden') };
    const after = Number(input.after);
    const rest = log.filter(({ lastSeq }) => lastSeq > after && lastSeq >= startSeq);
    return { ok: true, value: { items: rest.slice(0, 2), startSeq } };
  };
  // It answers the two queries that the watcher asks, in the contract’s form.
  const hub = { query: answer } as unknown as Hub;
  const keeper = {
    read: async () => kept,
    write: async (_projectId: string, head: KeptHead) => void (kept = head),
  };
  const check = async (isThorough = false): Promise<AuditChecked> => {
    const checked = await makeAuditWatcher({ hub, keeper, isThorough }).check(PROJECT);
    if (!checked.ok) throw new Error(checked.refusal.code);
    return checked.value;
  };
  const kindOf = async (isThorough?: boolean): Promise<string> => {
    const checked = await check(isThorough);
    return checked.ok ? 'none' : checked.finding.kind;
  };
  const grow = (count: number): void => {
    for (let at = 0; at < count; at++) log.push(recordAfter(log.at(-1), 2));
  };

  it('verifies from the beginning, then from the head it kept', async () => {
    expect(await check()).toMatchObject({ ok: true, from: 1, records: 5 });
    grow(3);
    expect(await check()).toMatchObject({ ok: true, from: 10, records: 3, events: 6 });
    expect(await check()).toMatchObject({ ok: true, records: 0 });
    expect(await check(true)).toMatchObject({ ok: true, from: 1, records: 8 });
  });

  it('finds a log that was written anew, whether or not it has grown since', async () => {
    await check();
    log = chain(5, 'other');
    expect(await kindOf()).toBe('fork');
    grow(2);
    expect(await kindOf()).toBe('rewritten');
    expect(await kindOf(true)).toBe('rewritten');
  });

  it('finds a log that was cut, in its records or with its end', async () => {
    await check();
    const whole = log;
    const { lastSeq, hash } = whole.at(-1) ?? first(whole);
    log = whole.slice(0, 3);
    expect(await kindOf()).toBe('truncated');
    said = { lastSeq, hash };
    expect(await kindOf(true)).toBe('truncated');
  });

  it('finds a break behind the kept head, and in what it had verified when it reads all', async () => {
    await check();
    grow(3);
    const sound = [...log];
    log[6] = { ...first(sound.slice(6)), at: 1_800_000_000_000 };
    expect(await kindOf()).toBe('broken');
    log = [...sound];
    log[1] = { ...first(sound.slice(1)), at: 1_700_000_000_003 };
    expect(await kindOf()).toBe('none');
    expect(await kindOf(true)).toBe('broken');
  });

  it('follows a log that is trimmed up to its head, and says when it was trimmed beyond', async () => {
    await check();
    startSeq = 10;
    grow(2);
    expect(await kindOf()).toBe('none');
    expect(await kindOf(true)).toBe('none');
    grow(3);
    startSeq = log.at(-1)?.firstSeq ?? 0;
    expect(await kindOf()).toBe('trimmed');
  });

  it('compares heads where it may not read records', async () => {
    mayList = false;
    const checked = await check();
    expect(checked).toMatchObject({ ok: true, records: 0 });
    expect(checked).not.toHaveProperty('from');
    log = chain(5, 'other');
    expect(await kindOf()).toBe('fork');
  });

  it('takes no head of another issuer, project or key, and keeps none that is wrong', async () => {
    await check();
    const good = kept;
    for (const wrong of [{ iss: 'urn:other' }, { projectId: uuid(2) }]) {
      said = wrong;
      expect(await kindOf()).toBe('forged');
    }
    said = {};
    kept = good && { ...good, head: `${good.head.slice(0, -4)}AAAA` };
    expect(await kindOf()).toBe('forged');
    expect(kept?.head).not.toBe(good?.head);
  });
});
