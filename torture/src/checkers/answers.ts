import { commands } from '@agentmix/act-contract';
import type { Call } from '../history/read.ts';
import type { LogEvent } from './database.ts';
import type { Grants } from './grants.ts';

export interface Answers {
  /** Calls answered ok whose epoch or session was not that of a grant, or not the one their event names. */
  readonly staleAccepted: number;
  /** Commands answered ok that are not in the log. */
  readonly lostAcknowledged: number;
  /** Claims answered to two callers, or to one that the log gives to another. */
  readonly doubleGrants: number;
  /** Highest position in the log that an answer named. */
  readonly seqMax: number;
}

/** Commands that may be answered ok and change nothing. */
const MAY_BE_EMPTY = new Set(['agent.heartbeat', 'plan.apply', 'dependency.add', 'project.update']);

const claimOf = ({ name, output }: Call): { taskId: string; epoch: number } | undefined => {
  const claim = name === 'task.next' ? output['claim'] : name === 'task.claim' ? output : undefined;
  // A claim has this form by the contract.
  return claim as { taskId: string; epoch: number } | undefined;
};

const speaksAsHolder = (call: Call): boolean => call.name in commands && 'epoch' in call.input;

/** Holds the answers in the histories against the log: what was said must be there, and by the right holder. */
export const judgeAnswers = (calls: readonly Call[], log: readonly LogEvent[], grants: Grants): Answers => {
  const byCommand = new Map<string, LogEvent>();
  for (const event of log) if (!byCommand.has(event.commandId)) byCommand.set(event.commandId, event);
  const claimants = new Map<string, string>();
  let staleAccepted = 0;
  let lostAcknowledged = 0;
  let doubleGrants = 0;
  let seqMax = 0;
  for (const call of calls) {
    if (call.type !== 'ok' || !(call.name in commands)) continue;
    seqMax = Math.max(seqMax, call.seq ?? 0);
    const claim = claimOf(call);
    const mustBeLogged = !MAY_BE_EMPTY.has(call.name) && (call.name !== 'task.next' || claim !== undefined);
    const event = byCommand.get(call.commandId ?? '');
    if (mustBeLogged && !event) lostAcknowledged++;
    if (speaksAsHolder(call)) {
      const grant = grants.find(String(call.input['taskId']), Number(call.input['epoch']));
      const epoch = event && 'epoch' in event.data ? event.data.epoch : call.input['epoch'];
      if (grant?.sessionId !== call.input['sessionId'] || epoch !== call.input['epoch']) staleAccepted++;
    }
    if (claim) {
      const key = `${claim.taskId} ${claim.epoch}`;
      const speaker = `${call.process} ${call.commandId}`;
      const isOthers = (claimants.get(key) ?? speaker) !== speaker;
      if (isOthers || grants.find(claim.taskId, claim.epoch)?.commandId !== call.commandId) doubleGrants++;
      claimants.set(key, speaker);
    }
  }
  return { staleAccepted, lostAcknowledged, doubleGrants, seqMax };
};
