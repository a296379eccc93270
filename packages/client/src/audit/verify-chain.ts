import { recordText } from '@agentmix/act-contract';
import type { AuditRecord } from '@agentmix/act-contract';

/** What the first record of a log names as its predecessor. */
export const CHAIN_START = '0'.repeat(64);

/** Where a chain has come to: the last sequence number and the hash of the record that ends with it. */
export interface ChainEnd {
  readonly lastSeq: number;
  readonly hash: string;
}

/** What is wrong with a record, by the first thing that does not fit. */
export type Break =
  | 'gap'
  | 'previous_hash'
  | 'hash'
  | 'anchor'
  | 'event_counts'
  | 'list_lengths'
  | 'event_numbers'
  | 'time_backwards'
  | 'other_project';

export type Verified =
  | { readonly ok: true; readonly end: ChainEnd; readonly records: number; readonly events: number }
  | { readonly ok: false; readonly break: Break; readonly firstSeq: number; readonly detail: string };

/** SHA-256 of a text’s UTF-8, hexadecimal. */
export type Sha256 = (text: string) => string | Promise<string>;

export interface VerifyOptions {
  /** Places that the chain must pass through with these hashes: heads that were kept. */
  readonly anchors?: readonly ChainEnd[];
  /** Default: Web Crypto, as every runtime has it. Node’s own is three times as fast for short records. */
  readonly sha256?: Sha256;
}

const encoder = new TextEncoder();

const webSha256: Sha256 = async (text) => {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
};

const isNumbered = ({ firstSeq, lastSeq, eventsText }: AuditRecord): boolean => {
  let events: unknown;
  try {
    events = JSON.parse(eventsText);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
  return (
    Array.isArray(events) &&
    events.length === lastSeq - firstSeq + 1 &&
    events.every((event: { seq?: unknown } | null, at) => event?.seq === firstSeq + at)
  );
};

const areListsAlike = ({ commandIds, actors, eventCounts, fingerprints }: AuditRecord): boolean =>
  [actors, eventCounts, fingerprints].every(({ length }) => length === commandIds.length);

/** What does not follow from the record before; the hash itself is judged by the caller. */
const breakOf = (record: AuditRecord, before: Before): Break | undefined => {
  const { firstSeq, lastSeq, previousHash, eventCounts } = record;
  if (record.projectId !== (before.projectId ?? record.projectId)) return 'other_project';
  if (firstSeq !== before.lastSeq + 1 || lastSeq < firstSeq) return 'gap';
  if (previousHash !== before.hash) return 'previous_hash';
  if (!areListsAlike(record)) return 'list_lengths';
  if (eventCounts.reduce((sum, count) => sum + count, 0) !== lastSeq - firstSeq + 1) return 'event_counts';
  if (record.at < before.at || record.idHigh < before.idHigh) return 'time_backwards';
  return isNumbered(record) ? undefined : 'event_numbers';
};

interface Before extends ChainEnd {
  readonly projectId?: string;
  readonly at: number;
  readonly idHigh: number;
}

const describe = (found: Break, { firstSeq, lastSeq, previousHash }: AuditRecord, before: Before): string => {
  const place = `record ${firstSeq}..${lastSeq}`;
  switch (found) {
    case 'gap':
      return `${place} follows ${before.lastSeq}`;
    case 'previous_hash':
      return `${place} continues ${previousHash.slice(0, 12)}…, not ${before.hash.slice(0, 12)}…`;
    case 'hash':
      return `${place} is not what was hashed`;
    case 'anchor':
      return `${place} is not what a kept head says`;
    case 'event_counts':
    case 'list_lengths':
    case 'event_numbers':
    case 'time_backwards':
    case 'other_project':
      return `${place} contradicts itself or the one before: ${found}`;
  }
};

/**
 * Verifies records page by page: each must continue the one before without a gap, be what was hashed, and agree with
 * itself. After a break nothing more is judged.
 */
export class ChainVerifier {
  readonly #sha256: Sha256;
  readonly #anchors: readonly ChainEnd[];
  #before: Before;
  #records = 0;
  #events = 0;
  #broken: Extract<Verified, { ok: false }> | undefined;

  /** `from`: where the chain is taken to have come to; the beginning of a log is `{ lastSeq: 0, hash: CHAIN_START }`. */
  constructor(from: ChainEnd, { sha256 = webSha256, anchors = [] }: VerifyOptions = {}) {
    this.#before = { ...from, at: 0, idHigh: 0 };
    this.#sha256 = sha256;
    this.#anchors = anchors;
  }

  get result(): Verified {
    if (this.#broken) return this.#broken;
    const { lastSeq, hash } = this.#before;
    return { ok: true, end: { lastSeq, hash }, records: this.#records, events: this.#events };
  }

  /** Takes the records that follow; the result so far. */
  async add(records: readonly AuditRecord[]): Promise<Verified> {
    const hashes = await Promise.all(records.map(async (record) => this.#sha256(recordText(record))));
    for (const [at, record] of records.entries()) {
      if (this.#broken) break;
      const found = breakOf(record, this.#before) ?? this.#contradiction(record, hashes[at]);
      if (found) {
        const detail = describe(found, record, this.#before);
        this.#broken = { ok: false, break: found, firstSeq: record.firstSeq, detail };
        break;
      }
      this.#before = record;
      this.#records++;
      this.#events += record.lastSeq - record.firstSeq + 1;
    }
    return this.result;
  }

  /** An anchor is the end of a record: one that lies inside, or names another hash, was of another log. */
  #contradiction({ firstSeq, lastSeq, hash, previousHash }: AuditRecord, real?: string): Break | undefined {
    if (hash !== real) return 'hash';
    const isOfAnother = (anchor: ChainEnd): boolean => {
      if (anchor.lastSeq === lastSeq) return anchor.hash !== hash;
      if (anchor.lastSeq === firstSeq - 1) return anchor.hash !== previousHash;
      return anchor.lastSeq >= firstSeq && anchor.lastSeq < lastSeq;
    };
    return this.#anchors.some(isOfAnother) ? 'anchor' : undefined;
  }
}

/**
 * Verifies that records continue a chain without a break. `previousHash` is the hash of the record before the first
 * one: `CHAIN_START` where that is the first of the log. Where it is not known, the first record’s own word is taken.
 */
export const verifyChain = async (
  records: readonly AuditRecord[],
  previousHash?: string,
  options: VerifyOptions = {},
): Promise<Verified> => {
  const [first] = records;
  const from = {
    lastSeq: (first?.firstSeq ?? 1) - 1,
    hash: previousHash ?? first?.previousHash ?? CHAIN_START,
  };
  return new ChainVerifier(from, options).add(records);
};
