import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { LEASE_MS_MAX, LEASE_MS_MIN } from '@agentmix/act-contract';
import { capabilities, defineCommand, jsonOption, wholeNumber } from '../cli/command.ts';
import { EXIT, Failure, usageFailure } from '../cli/failure.ts';
import { connectProject, projectOptions } from '../connection/find-project.ts';
import type { ProjectConnection } from '../connection/find-project.ts';
import { checkAgentId } from '../session/session-file.ts';
import { startGuard } from '../work/guard.ts';
import { tokenFileFor } from '../work/token-file.ts';
import { makeWorkLog } from '../work/work-log.ts';
import { Worker } from '../work/worker.ts';
import type { WorkSummary, WorkerOptions } from '../work/worker.ts';

const leaseMsOf = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const leaseMs = Math.round(Number(text) * 1_000);
  if (leaseMs >= LEASE_MS_MIN && leaseMs <= LEASE_MS_MAX) return leaseMs;
  throw usageFailure(
    `--lease is a number of seconds from ${LEASE_MS_MIN / 1_000} to ${LEASE_MS_MAX / 1_000}`,
  );
};

const exitCodeOf = (summary: WorkSummary, isOnce: boolean): number => {
  switch (summary.end) {
    case 'done':
      return EXIT.ok;
    case 'enough':
      return isOnce && summary.completed === 0 ? EXIT.failed : EXIT.ok;
    case 'stopped':
      return EXIT.failed;
    case 'stuck':
      throw new Failure(
        `${summary.stuck?.waiting ?? 0} tasks wait behind ${summary.stuck?.parked ?? 0} that are parked or blocked: nobody can go on`,
        {
          code: 'stuck',
          hint: 'see them: act status; then act task retry, unblock or cancel',
          data: { ...summary },
        },
      );
  }
};

const workWith = async (
  connection: ProjectConnection,
  options: Omit<WorkerOptions, 'hub' | 'projectId' | 'env' | 'guard' | 'stop'>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<WorkSummary> => {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  const tokenFile = await tokenFileFor(
    connection.token,
    connection.tokenFile === undefined ? undefined : resolve(connection.tokenFile),
  );
  const guard = startGuard((reason) =>
    console.error(`act: the program is not ended if act is killed: ${reason}`),
  );
  const { ACT_TOKEN: _token, ...rest } = env;
  try {
    return await new Worker({
      ...options,
      hub: connection.hub,
      projectId: connection.project.id,
      env: { ...rest, ACT_URL: connection.url, ACT_TOKEN_FILE: tokenFile.path },
      guard,
      stop: stop.signal,
    }).run();
  } finally {
    guard.close();
    await tokenFile.remove();
  }
};

export const work = defineCommand({
  name: 'work',
  summary: 'Let any program be an agent: it is run once for every task.',
  restHint: 'PROGRAM [ARGUMENTS]',
  options: {
    agent: { type: 'string', hint: 'NAME', summary: 'unique in the project (else HOST-PID)' },
    name: { type: 'string', summary: 'what people see' },
    kind: { type: 'string', summary: 'what runs it: claude-code, codex, script … (default: script)' },
    capability: { type: 'string', multiple: true, hint: 'SKILL:LEVEL', summary: 'what it can do' },
    once: { type: 'boolean', summary: 'one task; the exit code is 0 only if it was completed' },
    max: { type: 'string', hint: 'N', summary: 'so many tasks' },
    'until-done': { type: 'boolean', summary: 'until no task is left that could be done' },
    envelope: {
      type: 'boolean',
      summary: 'for a model: the task on stdin as text that is marked as words of others',
    },
    lease: {
      type: 'string',
      hint: 'SECONDS',
      summary: 'how soon its task returns if it dies (else the project’s)',
    },
    quiet: { type: 'boolean', summary: 'not what the program prints' },
    ...projectOptions,
    ...jsonOption,
  },
  details: [
    'The program gets the task as JSON on stdin and in ACT_TASK_ID, ACT_TASK_KEY, ACT_TASK_TITLE, ACT_EPOCH, ACT_ATTEMPT,',
    'ACT_CHECKPOINT (JSON, where the agent before it stopped), and ACT_URL, ACT_TOKEN_FILE, ACT_PROJECT, ACT_AGENT,',
    'ACT_SESSION. Never ACT_TOKEN: the key is in the file. Characters that do not show are escaped in all of them: \\u{202e}',
    'in keys and titles. With --envelope stdin is the envelope of PROTOCOL.md. It reports by lines on stdout:',
    '  ::act progress 40 tests pass',
    '  ::act checkpoint {"note":"parser done","branch":"fix-1","commit":"3f2a1b0"}',
    'Exit 0 completes the task (a last line that is a JSON object is its result), 75 gives it back, anything else fails it',
    'with the last lines of stderr. When the claim is lost the program and all it started get SIGTERM, after 5 s SIGKILL;',
    'so they do when act itself dies, by kill -9 too (not on Windows). Ctrl-C gives the task back.',
  ],
  examples: [
    'act work --agent ann --capability rust:3 -- ./fix.sh',
    'act work --until-done --envelope -- claude -p "do the task on stdin"',
  ],
  async run({ values, rest, output, surroundings }) {
    if (rest.length === 0)
      throw usageFailure('say what is to be run: act work -- PROGRAM', 'see: act work --help');
    const agentId = checkAgentId(
      values.agent ??
        `${
          hostname()
            .replaceAll(/[^A-Za-z0-9._-]/g, '-')
            .replace(/^[^A-Za-z0-9]+/, '') || 'worker'
        }-${process.pid}`.slice(-100),
    );
    const leaseMs = leaseMsOf(values.lease);
    const isOnce = values.once ?? false;
    const tasksMax = isOnce ? 1 : (wholeNumber(values.max, 'max', 1, 1_000_000_000) ?? Infinity);
    const able = capabilities(values.capability) ?? [];
    const connection = await connectProject(values, surroundings);
    const summary = await workWith(
      connection,
      {
        agentId,
        kind: values.kind ?? 'script',
        capabilities: able,
        command: rest,
        isModel: values.envelope ?? false,
        tasksMax,
        untilDone: values['until-done'] ?? false,
        log: makeWorkLog(agentId, output, values.quiet ?? false),
        ...(values.name === undefined ? {} : { name: values.name }),
        ...(leaseMs === undefined ? {} : { leaseMs }),
      },
      surroundings.env,
    );
    const exitCode = exitCodeOf(summary, isOnce);
    output.json(summary);
    return exitCode;
  },
});
