import type { CommandInput, CommandName, NewEvent, Refusal, RefusalCode } from '@agentmix/act-contract';
import { refusal } from '@agentmix/act-contract';
import type { Caller } from '../access.ts';
import type { Letter, PersonName, Secret } from '../changes.ts';
import type { ProjectState, SessionState } from '../state.ts';
import type { Talk } from '../talk.ts';

/** What a decision may know besides the state and the command. */
export interface DecisionContext {
  /** Epoch milliseconds of the database’s clock. */
  readonly now: number;
  readonly newId: () => string;
  /** Sessions that are asking for work at this moment, the caller included. */
  readonly seeking: ReadonlySet<string>;
  /** Who gives the command; absent where the hub itself does. */
  readonly caller?: Caller | undefined;
  /** SHA-256 of a secret that was drawn for the command, for those that need one. */
  readonly secretHash?: string | undefined;
  /** What the project’s agents said lately. */
  readonly talk: Talk;
  /** Whether an Ed25519 signature fits; key and signature as base64url. The core has no cryptography of its own. */
  readonly isSignedBy: (signingKey: string, statement: Uint8Array, signature: string) => boolean;
}

export interface Accepted {
  readonly events: readonly NewEvent[];
  readonly letters?: readonly Letter[];
  readonly secrets?: readonly Secret[];
  readonly names?: readonly PersonName[];
}
export interface Refused {
  readonly refusal: Refusal;
}
export type Decision = Accepted | Refused;

export type Decide<N extends CommandName> = (
  state: ProjectState,
  input: CommandInput<N>,
  context: DecisionContext,
) => Decision;

export const accept = (...events: NewEvent[]): Accepted => ({ events });
export const refuse = (code: RefusalCode, detail?: string, data?: Record<string, unknown>): Refused => ({
  refusal: refusal(code, detail, data),
});

export const sessionOf = (state: ProjectState, sessionId: string): SessionState | Refused =>
  state.sessions.get(sessionId) ?? refuse('session_expired', `session ${sessionId} is not live`);

export const isRefused = (value: object): value is Refused => 'refusal' in value;

export const isUnknownTask = (state: ProjectState, taskId: string | undefined): boolean =>
  taskId !== undefined && !state.tasks.has(taskId) && !state.closedTasks.has(taskId);
