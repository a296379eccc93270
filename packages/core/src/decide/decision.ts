import type { CommandInput, CommandName, NewEvent, Refusal, RefusalCode } from '@agentmix/act-contract';
import { refusal } from '@agentmix/act-contract';
import type { Letter } from '../changes.ts';
import type { ProjectState, SessionState } from '../state.ts';

/** What a decision may know besides the state and the command. */
export interface DecisionContext {
  /** Epoch milliseconds of the database’s clock. */
  readonly now: number;
  readonly newId: () => string;
  /** Sessions that are asking for work at this moment, the caller included. */
  readonly seeking: ReadonlySet<string>;
}

export interface Accepted {
  readonly events: readonly NewEvent[];
  readonly letters?: readonly Letter[];
}
export type Decision = Accepted | { readonly refusal: Refusal };

export type Decide<N extends CommandName> = (
  state: ProjectState,
  input: CommandInput<N>,
  context: DecisionContext,
) => Decision;

export const accept = (...events: NewEvent[]): Accepted => ({ events });
export const refuse = (
  code: RefusalCode,
  detail?: string,
  data?: Record<string, unknown>,
): { refusal: Refusal } => ({
  refusal: refusal(code, detail, data),
});

export const sessionOf = (state: ProjectState, sessionId: string): SessionState | { refusal: Refusal } =>
  state.sessions.get(sessionId) ?? refuse('session_expired', `session ${sessionId} is not live`);

export const isRefused = (value: object): value is { refusal: Refusal } => 'refusal' in value;
