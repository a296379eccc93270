import type { ActAgent, Claim, Result, Task } from '@agentmix/act-client';
import { envelope, escapeHidden, escapeHiddenJson, taskPart } from '@agentmix/act-contract';
import { readDirective } from './directive.ts';
import type { Guard } from './guard.ts';
import { LastLines, outcomeOf } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { makeReporter } from './reporter.ts';
import type { Reporter } from './reporter.ts';
import { runProgram } from './run-program.ts';
import type { ProgramEnd } from './run-program.ts';
import type { WorkLog } from './work-log.ts';

/** Linux refuses a single variable of 128 KiB; a checkpoint beyond this is on stdin only. */
const CHECKPOINT_ENV_CHARS_MAX = 32_768;

export type ClaimEnd = 'completed' | 'released' | 'failed' | 'lost';

export interface ClaimRun {
  readonly agent: ActAgent;
  readonly claim: Claim;
  readonly task: Task;
  readonly projectId: string;
  readonly command: readonly string[];
  /** The program is a model: it gets the task as labelled text instead of JSON. */
  readonly isModel: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly guard: Guard;
  readonly log: WorkLog;
  /** The worker is to end. */
  readonly stop: AbortSignal;
  /** The claim is over without our doing. */
  readonly lost: AbortSignal;
  readonly settle: <T>(call: (commandId?: string) => Promise<Result<T>>) => Promise<Result<T> | undefined>;
}

/** Words of others come to the program with every character showing: it may hand them to a model or a terminal. */
const environmentOf = ({
  agent,
  claim,
  task,
  projectId,
  env,
}: ClaimRun): Record<string, string | undefined> => {
  const checkpoint = task.checkpoint === undefined ? '' : escapeHiddenJson(task.checkpoint);
  return {
    ...env,
    ACT_PROJECT: projectId,
    ACT_TASK_ID: task.id,
    ACT_TASK_KEY: escapeHidden(task.key ?? ''),
    ACT_TASK_TITLE: escapeHidden(task.title),
    ACT_EPOCH: String(claim.epoch),
    ACT_ATTEMPT: String(claim.attempt),
    ACT_AGENT: agent.agentId,
    ACT_SESSION: agent.sessionId ?? '',
    ACT_CHECKPOINT: checkpoint.length > CHECKPOINT_ENV_CHARS_MAX ? '' : checkpoint,
  };
};

const inputOf = ({ task, claim: { epoch, attempt, reasons }, isModel }: ClaimRun): string =>
  isModel ? envelope([taskPart(task)]) : escapeHiddenJson({ ...task, claim: { epoch, attempt, reasons } });

/** A signal that aborts with either of two. */
const either = (one: AbortSignal, other: AbortSignal): { signal: AbortSignal; dispose: () => void } => {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  for (const signal of [one, other]) {
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
  }
  const dispose = (): void => {
    for (const signal of [one, other]) signal.removeEventListener('abort', abort);
  };
  return { signal: controller.signal, dispose };
};

const listen = (
  run: ClaimRun,
  reporter: Reporter,
  onText: (line: string) => void,
): ((line: string) => void) => {
  const { log, task } = run;
  return (line) => {
    const directive = readDirective(line);
    if (directive === undefined) {
      if (line.trim() !== '') onText(line);
      log.output(task, line);
      return;
    }
    switch (directive.kind) {
      case 'progress':
        reporter.add({
          percent: directive.percent,
          ...(directive.note === undefined ? {} : { note: directive.note }),
        });
        return;
      case 'checkpoint':
        reporter.add({ checkpoint: directive.checkpoint });
        return;
      case 'unreadable':
        log.output(task, `${line} (not understood: ${directive.reason})`);
    }
  };
};

const tell = (run: ClaimRun, outcome: Outcome, reporter: Reporter): Promise<Result<unknown> | undefined> => {
  const { agent, task, claim, settle } = run;
  const { checkpoint } = reporter;
  const where = checkpoint === undefined ? {} : { checkpoint };
  const optionsFor = (commandId: string | undefined) => ({
    epoch: claim.epoch,
    ...(commandId === undefined ? {} : { commandId }),
  });
  switch (outcome.kind) {
    case 'complete': {
      // A JSON object that was parsed from text is JSON.
      const result = outcome.result as Parameters<ActAgent['completeTask']>[1];
      return settle<unknown>((commandId) => agent.completeTask(task.id, result, optionsFor(commandId)));
    }
    case 'release': {
      const note = outcome.note === undefined ? {} : { note: outcome.note };
      return settle<unknown>((commandId) =>
        agent.releaseTask(task.id, { ...note, ...where }, optionsFor(commandId)),
      );
    }
    case 'fail':
      return settle<unknown>((commandId) =>
        agent.failTask(task.id, { reason: outcome.reason, ...where }, optionsFor(commandId)),
      );
  }
};

const ENDS = { complete: 'completed', release: 'released', fail: 'failed' } as const;

const conclude = async (
  run: ClaimRun,
  outcome: Outcome,
  reporter: Reporter,
  startedAt: number,
): Promise<ClaimEnd> => {
  const { log, task } = run;
  const result = await tell(run, outcome, reporter);
  if (result?.ok) {
    log.ended(
      task,
      ENDS[outcome.kind],
      performance.now() - startedAt,
      outcome.kind === 'fail' ? outcome.reason : '',
    );
    return ENDS[outcome.kind];
  }
  const code = result?.refusal.code;
  if (code === 'invalid_input' && outcome.kind === 'complete' && outcome.result !== undefined) {
    log.output(task, 'its result does not fit the hub and is left out');
    return conclude(run, { kind: 'complete' }, reporter, startedAt);
  }
  log.ended(task, 'lost', performance.now() - startedAt, code ?? 'the hub was away');
  return 'lost';
};

/** Does one claimed task with the program and tells the hub how it ended. Rejects when it cannot be started at all. */
export const runClaim = async (run: ClaimRun): Promise<ClaimEnd> => {
  const { agent, claim, task, log, stop, lost } = run;
  const startedAt = performance.now();
  log.started(task, claim);
  const reporter = makeReporter(
    async (report) => {
      const result = await agent.reportProgress(task.id, report, { epoch: claim.epoch });
      return result.ok ? undefined : result.refusal.code;
    },
    (code) => log.output(task, `progress was refused: ${code}`),
  );
  const stderr = new LastLines();
  let lastStdout: string | undefined;
  const ending = either(stop, lost);
  let end: ProgramEnd;
  try {
    end = await runProgram({
      command: run.command,
      env: environmentOf(run),
      input: `${inputOf(run)}\n`,
      guard: run.guard,
      signal: ending.signal,
      onStdout: listen(run, reporter, (line) => {
        lastStdout = line;
      }),
      onStderr: (line) => {
        stderr.add(line);
        log.output(task, line);
      },
    });
  } catch (error) {
    // The task did nothing wrong: it goes back before the worker gives up.
    await tell(run, { kind: 'release', note: 'the program cannot be started' }, reporter).catch(
      () => undefined,
    );
    throw error;
  } finally {
    ending.dispose();
  }
  await reporter.flush();
  if (lost.aborted) {
    log.ended(task, 'lost', performance.now() - startedAt, 'the claim is over');
    return 'lost';
  }
  const isCutShort = stop.aborted && end.exitCode !== 0;
  const outcome: Outcome = isCutShort
    ? { kind: 'release', note: 'the worker was stopped' }
    : outcomeOf(end, lastStdout, stderr);
  return conclude(run, outcome, reporter, startedAt);
};
