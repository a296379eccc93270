import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { CHAIN_START, ChainVerifier, readHead } from '@agentmix/act-client';
import type { AuditRecord, HeadKeeper, Verified } from '@agentmix/act-client';
import { nodeSha256 } from './node-sha256.ts';
import { readExportLine } from './export-line.ts';

const BATCH_RECORDS = 1_000;

export interface ExportVerified {
  readonly projectId?: string;
  readonly result: Verified;
  readonly firstSeq?: number;
  /** Where the kept head ends, and whether the export comes so far. */
  readonly kept?: { readonly lastSeq: number; readonly isReached: boolean };
}

const unreadable = (line: number, result: Verified): Verified => ({
  ok: false,
  break: 'hash',
  firstSeq: result.ok ? result.end.lastSeq + 1 : 0,
  detail: `line ${line} is no record`,
});

const begin = async (first: AuditRecord, keeper: HeadKeeper) => {
  const { projectId, firstSeq, previousHash } = first;
  const keptHead = await keeper.read(projectId);
  const kept = keptHead && (await readHead(keptHead));
  const from = { lastSeq: firstSeq - 1, hash: firstSeq === 1 ? CHAIN_START : previousHash };
  const options = { sha256: nodeSha256, anchors: kept ? [kept] : [] };
  return { verifier: new ChainVerifier(from, options), kept, projectId, firstSeq };
};

/** Verifies an export line by line, in as much memory as a batch of records takes, and against the kept head. */
export const verifyExport = async (file: string, keeper: HeadKeeper): Promise<ExportVerified> => {
  let batch: AuditRecord[] = [];
  let begun: Awaited<ReturnType<typeof begin>> | undefined;
  let number = 0;
  const nothing = new ChainVerifier({ lastSeq: 0, hash: CHAIN_START }).result;
  const flush = async (): Promise<Verified> => {
    const [first] = batch;
    if (first) begun ??= await begin(first, keeper);
    const result = (await begun?.verifier.add(batch)) ?? nothing;
    batch = [];
    return result;
  };
  const told = (result: Verified): ExportVerified => {
    if (!begun) return { result };
    const { kept, projectId, firstSeq } = begun;
    const isReached = result.ok && kept !== undefined && result.end.lastSeq >= kept.lastSeq;
    return { projectId, firstSeq, result, ...(kept ? { kept: { lastSeq: kept.lastSeq, isReached } } : {}) };
  };
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity });
  for await (const line of lines) {
    number++;
    const record = readExportLine(line);
    if (!record) {
      const sofar = await flush();
      return told(sofar.ok ? unreadable(number, sofar) : sofar);
    }
    batch.push(record);
    if (batch.length < BATCH_RECORDS) continue;
    const result = await flush();
    if (!result.ok) return told(result);
  }
  return told(await flush());
};
