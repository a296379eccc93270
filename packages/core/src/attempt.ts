import type { EventData } from '@agentmix/act-contract';

export type ReleaseReason = EventData<'task.released'>['reason'];

const ATTEMPTS: ReadonlySet<ReleaseReason> = new Set(['failed', 'expired', 'replaced', 'silent', 'too_long']);

/** Lost grants count as attempts, of the task and against its agent; given-back ones do not. */
export const isAttempt = (reason: ReleaseReason): boolean => ATTEMPTS.has(reason);
