import type { IncomingMessage } from 'node:http';
import type { RefusalCode } from '@agentmix/act-contract';

/** Refusals that say something about who was refused: a caller who is nobody, too eager, or sends what no client would. */
const TELLING: ReadonlySet<string> = new Set<RefusalCode | 'tls_failed'>([
  'unauthorized',
  'token_needed',
  'key_revoked',
  'key_expired',
  'token_invalid',
  'token_reused',
  'forbidden',
  'rate_limited',
  'invalid_input',
  'malformed_body',
  'payload_too_large',
  'unsupported_media_type',
  'tls_failed',
]);
/** How often `flush` is to be called. */
export const REFUSAL_WINDOW_MS = 60_000;
/** Kinds of refusals that are told apart in a window; what is beyond is counted together. */
const KINDS_MAX = 1_024;

export interface RefusedCall {
  /** `tls_failed`: there was no connection to refuse anything on. */
  readonly code: RefusalCode | 'tls_failed';
  /** As the caller is counted by: an IPv6 address stands for its network. */
  readonly address: string;
  readonly door: 'rest' | 'socket.io' | 'graphql' | 'tls';
  /** What was asked for, where it is known. */
  readonly operation?: string;
  readonly memberId?: string;
}

/** What a door tells of a call that it refused; whoever hears it knows the address. */
export type Refused = (request: IncomingMessage, call: Omit<RefusedCall, 'address'>) => void;

export interface RefusalLog {
  readonly note: (call: RefusedCall) => void;
  /** Tells what was counted, and begins anew. */
  readonly flush: () => void;
}

interface Counted {
  readonly call: RefusedCall;
  count: number;
}

/**
 * Lines about refused calls for the operator: who, from where, what, why. The first of a kind in a minute is told at
 * once, the others are counted and told when it is over, so that whoever is refused a million times fills no disk.
 */
export const makeRefusalLog = (warn: (fields: object, message: string) => void): RefusalLog => {
  const kinds = new Map<string, Counted>();
  let more = 0;
  return {
    flush: () => {
      for (const { call, count } of kinds.values())
        if (count > 0) warn({ ...call, count }, 'more calls were refused within a minute');
      if (more > 0) warn({ count: more }, 'calls of many other kinds were refused within a minute');
      kinds.clear();
      more = 0;
    },
    note: (call) => {
      if (!TELLING.has(call.code)) return;
      const kind = JSON.stringify([call.code, call.address, call.door, call.operation, call.memberId]);
      const known = kinds.get(kind);
      if (known) return void known.count++;
      if (kinds.size >= KINDS_MAX) return void more++;
      kinds.set(kind, { call, count: 0 });
      warn(call, 'a call was refused');
    },
  };
};
