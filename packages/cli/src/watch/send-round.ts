import type { Refusal } from '@agentmix/act-client';
import type { Round } from '@agentmix/act-workspace';
import type { Output } from '../cli/output.ts';
import { refusalFailure } from '../connection/explain-error.ts';
import type { Voice } from '../session/speaker.ts';
import { changeOf, makeReport } from './make-report.ts';
import type { WholeReport } from './make-report.ts';

/** Whether the hub would learn anything. That another worktree changed is told by that one’s report. */
const isSame = (before: WholeReport, now: WholeReport): boolean =>
  JSON.stringify({ ...before, merges: [] }) === JSON.stringify({ ...now, merges: [] });

/**
 * Makes the step that tells the hub of every worktree that changed since it was told last: what changed, or all where
 * the hub does not know what it would change. False when the hub was not reached.
 */
export const makeSendRound = (
  { connection, speak }: Voice,
  output: Output,
): ((round: Round) => Promise<boolean>) => {
  const { hub, project } = connection;
  const told = new Map<string, WholeReport>();

  const send = async (agent: string, now: WholeReport): Promise<Refusal | undefined> => {
    const before = told.get(agent);
    if (before && isSame(before, now)) return undefined;
    const report = (input: ReturnType<typeof changeOf>) =>
      speak(agent, (sessionId) => hub.command('worktree.report', project.id, { sessionId, ...input }));
    let result = await report(before ? changeOf(before, now) : now);
    if (!result.ok && result.refusal.code === 'report_out_of_step') result = await report(now);
    // A refusal would be the same again: this state is not sent any more.
    told.set(agent, now);
    return result.ok ? undefined : result.refusal;
  };

  return async (round) => {
    try {
      for (const worktree of round.worktrees) {
        const refusal = await send(worktree.key, makeReport(worktree, round));
        if (refusal) output.remark(refusalFailure(`${worktree.key}: not reported`, refusal).message);
      }
      return true;
    } catch (error) {
      output.remark(`the hub was not reached: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
  };
};
