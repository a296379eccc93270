import type { AuditHead, QueryOutput, SignedHead } from '@agentmix/act-contract';
import type { Hub } from '../hub.ts';
import type { Result } from '../result.ts';
import { CHAIN_START, ChainVerifier } from './verify-chain.ts';
import type { Break, ChainEnd, Sha256, Verified } from './verify-chain.ts';
import { readHead } from './verify-head.ts';

/** A head with the key it was signed with: both are kept, since the hub destroys old keys. */
export type KeptHead = Pick<SignedHead, 'head' | 'key'>;

/** Where the last head of each project is kept; best on a machine of its own. */
export interface HeadKeeper {
  read(projectId: string): Promise<KeptHead | undefined>;
  write(projectId: string, kept: KeptHead): Promise<void>;
}

/**
 * What a check found wrong.
 * - `fork`: two signed heads end at the same place with different hashes; together they prove it to anyone.
 * - `truncated`: the log ends before the kept head, or before its own.
 * - `rewritten`: the chain does not come to the kept head, or from it to the new one.
 * - `broken`: the records do not form a chain.
 * - `trimmed`: what lies between the kept head and the first record is gone, so nothing is shown; normal when the
 *   last check was longer ago than the hub keeps its log.
 * - `forged`: the head is not signed as it should be, or by another issuer than the kept one.
 */
export type AuditFinding = {
  readonly kind: 'fork' | 'truncated' | 'rewritten' | 'broken' | 'trimmed' | 'forged';
  readonly detail: string;
  /** Where it begins, as far as that is known. */
  readonly seq?: number;
  readonly break?: Break;
  /** What was kept and what is said now. */
  readonly kept?: KeptHead;
  readonly said?: KeptHead;
};

export type AuditChecked =
  | {
      readonly ok: true;
      readonly head: AuditHead;
      /** Verified in this check; 0 where only heads were compared. */
      readonly records: number;
      readonly events: number;
      /** The first sequence number that was verified; absent: heads were compared, no record was read. */
      readonly from?: number;
    }
  | { readonly ok: false; readonly finding: AuditFinding };

export interface AuditWatcherOptions {
  readonly hub: Hub;
  readonly keeper: HeadKeeper;
  readonly sha256?: Sha256;
  /** Reads the whole log each time, not only what came after the kept head. */
  readonly isThorough?: boolean;
}

type Page = QueryOutput<'audit.list'>;
type Passed = Extract<AuditChecked, { ok: true }>;

const passed = (head: AuditHead, records: number, events: number, from?: number): Passed => ({
  ok: true,
  head,
  records,
  events,
  ...(from === undefined ? {} : { from }),
});
const fail = (finding: AuditFinding): Result<AuditChecked> => ({ ok: true, value: { ok: false, finding } });
const trimmed = (startSeq: number, kept: AuditHead): AuditFinding => ({
  kind: 'trimmed',
  seq: startSeq,
  detail: `the log begins at ${startSeq}, the kept head is at ${kept.lastSeq}`,
});

/** Compares two heads, without any record. */
const compare = (kept: AuditHead, said: AuditHead): Pick<AuditFinding, 'kind' | 'detail'> | undefined => {
  if (said.iss !== kept.iss) return { kind: 'forged', detail: `said by ${said.iss}, kept of ${kept.iss}` };
  if (said.lastSeq < kept.lastSeq)
    return { kind: 'truncated', detail: `the log ends at ${said.lastSeq}, it was at ${kept.lastSeq}` };
  if (said.lastSeq === kept.lastSeq && said.hash !== kept.hash)
    return { kind: 'fork', detail: `two hashes for ${said.lastSeq}` };
  return undefined;
};

/** Reads pages until the log has come to a place, or ends before it. */
async function* pagesTo(
  hub: Hub,
  projectId: string,
  from: number,
  upto: number,
): AsyncGenerator<Result<Page>> {
  for (let after = from; after < upto;) {
    const page = await hub.query('audit.list', projectId, { after });
    yield page;
    const last = page.ok ? page.value.items.at(-1)?.lastSeq : undefined;
    if (last === undefined || last <= after) return;
    after = last;
  }
}

/** The place before the first record: known from a kept head, or from the beginning; else the record’s own word. */
const startOf = ({ items, startSeq }: Page, kept: AuditHead | undefined): ChainEnd =>
  kept ?? {
    lastSeq: startSeq - 1,
    hash: startSeq === 1 ? CHAIN_START : (items[0]?.previousHash ?? CHAIN_START),
  };

const findingOf = (found: Extract<Verified, { ok: false }>, kept: AuditHead | undefined): AuditFinding => {
  const isAtKept = found.break === 'anchor' || found.firstSeq <= (kept?.lastSeq ?? -1) + 1;
  return { kind: isAtKept ? 'rewritten' : 'broken', seq: found.firstSeq, ...found };
};

/** Verifies the records from the kept head, or from the beginning, to the head that was said. */
const walk = async (
  { hub, isThorough = false, sha256 }: AuditWatcherOptions,
  said: AuditHead,
  kept: AuditHead | undefined,
): Promise<Result<Passed | AuditFinding>> => {
  const start = isThorough ? undefined : kept;
  const anchors = kept ? [kept, said] : [said];
  let verifier: ChainVerifier | undefined;
  let from = said.lastSeq + 1;
  for await (const page of pagesTo(hub, said.projectId, start?.lastSeq ?? 0, said.lastSeq)) {
    if (!page.ok) return page.refusal.code === 'forbidden' ? { ok: true, value: passed(said, 0, 0) } : page;
    const { items, startSeq } = page.value;
    if (kept && startSeq > kept.lastSeq + 1) return { ok: true, value: trimmed(startSeq, kept) };
    if (!verifier) {
      const place = startOf(page.value, start);
      from = place.lastSeq + 1;
      verifier = new ChainVerifier(place, { anchors, ...(sha256 ? { sha256 } : {}) });
    }
    // A record that was committed after the head was signed is not judged.
    const result = await verifier.add(items.filter(({ lastSeq }) => lastSeq <= said.lastSeq));
    if (!result.ok) return { ok: true, value: findingOf(result, start) };
  }
  const result = verifier?.result;
  if (!result?.ok) return { ok: true, value: passed(said, 0, 0, from) };
  const { end, records, events } = result;
  if (end.lastSeq === said.lastSeq) return { ok: true, value: passed(said, records, events, from) };
  const detail = `the records end at ${end.lastSeq}, the log at ${said.lastSeq}`;
  return { ok: true, value: { kind: 'truncated', seq: end.lastSeq + 1, detail } };
};

/**
 * Keeps the last head of each project and holds every later one against it. Whoever may list records
 * (role coordinator) verifies the chain between the two; others compare heads, which shows forks and cut logs.
 */
export const makeAuditWatcher = (options: AuditWatcherOptions) => {
  const { hub, keeper } = options;
  return {
    /** Asks for the head, checks it, and keeps it when nothing is wrong. A refusal of the hub is a value too. */
    async check(projectId: string): Promise<Result<AuditChecked>> {
      const asked = await hub.query('audit.head', projectId, {});
      if (!asked.ok) return asked;
      const said = { head: asked.value.head, key: asked.value.key };
      const read = await readHead(said);
      if (read?.projectId !== projectId.toLowerCase())
        return fail({ kind: 'forged', detail: 'the head is not signed by its key', said });
      const keptHead = await keeper.read(projectId);
      const kept = keptHead && (await readHead(keptHead));
      const pair = { said, ...(keptHead ? { kept: keptHead } : {}) };
      if (keptHead && !kept) return fail({ kind: 'forged', detail: 'the kept head is damaged', ...pair });
      const contradiction = kept && compare(kept, read);
      if (contradiction) return fail({ ...contradiction, ...pair });
      const walked = await walk(options, read, kept);
      if (!walked.ok) return walked;
      if ('kind' in walked.value) return fail({ ...walked.value, ...pair });
      await keeper.write(projectId, said);
      return { ok: true, value: walked.value };
    },
  };
};
