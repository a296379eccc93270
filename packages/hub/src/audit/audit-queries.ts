import { refusal } from '@agentmix/act-contract';
import type { QueryOutput, Refusal } from '@agentmix/act-contract';
import type { Store } from '@agentmix/act-core';
import type { HeadSignature, LogEnd } from './sign-head.ts';

/** Of events in one page; a record that is larger comes alone. */
const PAGE_BYTES = 1_048_576;
const CANNOT_SIGN = refusal('unavailable', 'the hub cannot sign now', { retryAfter: 1 });

type Asked<T> =
  | { readonly ok: true; readonly value: T | undefined }
  | { readonly ok: false; readonly refusal: Refusal };

/** Answers the two queries that are about the log itself; undefined where there is no such project. */
export const makeAuditQueries = (
  store: Pick<Store, 'logHead' | 'readLog'>,
  sign: (end: LogEnd) => Promise<HeadSignature | undefined>,
) => ({
  head: async (projectId: string): Promise<Asked<QueryOutput<'audit.head'>>> => {
    const found = await store.logHead(projectId);
    if (!found) return { ok: true, value: undefined };
    const { startSeq, lastSeq, hash } = found;
    const signed = await sign({ projectId, lastSeq, hash });
    return signed ? { ok: true, value: { ...signed, startSeq } } : { ok: false, refusal: CANNOT_SIGN };
  },
  list: async (projectId: string, after: number): Promise<Asked<QueryOutput<'audit.list'>>> => {
    const read = await store.readLog(projectId, after, PAGE_BYTES);
    if (!read) return { ok: true, value: undefined };
    const { records, startSeq, lastSeq } = read;
    const next = records.at(-1)?.lastSeq;
    const items = records as QueryOutput<'audit.list'>['items'];
    return {
      ok: true,
      value: { items, startSeq, ...(next !== undefined && next < lastSeq ? { next } : {}) },
    };
  },
});
