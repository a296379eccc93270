import type { Refusal } from '@agentmix/act-contract';

/**
 * What a call came to. A refusal is a value with a code of the contract and is never thrown. `seq` is the
 * project's log position after a command: a stream opened after it misses nothing that follows the command.
 */
export type Result<T> =
  | { readonly ok: true; readonly value: T; readonly seq?: number }
  | { readonly ok: false; readonly refusal: Refusal };

/** A refusal as a result. */
export const refused = (refusal: Refusal): { readonly ok: false; readonly refusal: Refusal } => ({
  ok: false,
  refusal,
});
