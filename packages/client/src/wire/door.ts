import type { Answer } from './problem.ts';
import type { Call } from './request.ts';

/** One way to put a call on the wire. An attempt throws when no answer came: a broken connection, an abort. */
export interface Door {
  /** The call and the address, for people. */
  describe(call: Call): string;
  attempt(call: Call, commandId: string | undefined, signal: AbortSignal): Promise<Answer>;
  close(): void;
}
