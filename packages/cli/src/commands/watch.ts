import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { GitFailed, openWorkspace } from '@agentmix/act-workspace';
import type { FileChange, Prediction, Round, WorktreeReport } from '@agentmix/act-workspace';
import { FILE_CHANGES_MAX, PATH_CHARS_MAX } from '@agentmix/act-contract';
import { defineCommand } from '../cli/command.ts';
import { EXIT, Failure, usageFailure } from '../cli/failure.ts';
import type { Output } from '../cli/output.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { connectProject, projectOptions } from '../connection/find-project.ts';
import { refusalFailure } from '../connection/explain-error.ts';
import { checkAgentId } from '../session/session-file.ts';
import { makeSpeak } from '../session/speaker.ts';
import type { Voice } from '../session/speaker.ts';
import { besideSession } from '../watch/beside-session.ts';
import { makeReport } from '../watch/make-report.ts';
import { makeSendRound } from '../watch/send-round.ts';
import { printable } from '../terminal/printable.ts';
import { followMain, reportMain } from '../watch/follow-main.ts';

/** Agents with the folders of their worktrees: `ann`, which works here, and `ann=FOLDER`. */
const foldersOf = (agents: readonly string[]): Map<string, string> => {
  const folders = new Map<string, string>();
  for (const text of agents) {
    const [agent = '', ...folder] = text.split('=');
    folders.set(checkAgentId(agent), resolve(folder.join('=') || '.'));
  }
  if (folders.size === 0)
    throw usageFailure('say whose worktree it is: --agent NAME', 'see: act watch --help');
  return folders;
};

type Deliver = (agent: string, report: WorktreeReport) => Promise<boolean>;

/** Says of each file once that it is left out, and why. */
const makeSayLeftOut = (output: Output) => {
  const said = new Set<string>();
  return (agent: string, { snapshot: { leftOut } }: WorktreeReport): void => {
    for (const { path, reason } of leftOut) {
      const words = `${agent}: left out: ${printable(path)} (${reason.replaceAll('_', ' ')})`;
      if (!said.has(words)) output.remark(words);
      said.add(words);
    }
  };
};

/** Tells the hub what an agent did to files, in pieces; false when it was not reached, so that it is told again. */
const reporter = ({ connection, speak }: Voice, output: Output): Deliver => {
  const { hub, project } = connection;
  const sayLeftOut = makeSayLeftOut(output);
  const report = async (agent: string, changes: readonly FileChange[]): Promise<void> => {
    for (let from = 0; from < changes.length; from += FILE_CHANGES_MAX) {
      const piece = changes.slice(from, from + FILE_CHANGES_MAX).map(({ path, status, checksum }) => ({
        path,
        kind: status,
        ...(checksum === undefined ? {} : { checksum }),
      }));
      const result = await speak(agent, (sessionId) =>
        hub.command('file.report', project.id, { sessionId, changes: piece }),
      );
      // A refusal would be the same again: it is shown and these changes are not sent any more.
      if (!result.ok) output.remark(refusalFailure(`${agent}: not reported`, result.refusal).message);
    }
  };
  return async (agent, seen) => {
    sayLeftOut(agent, seen);
    const told = seen.changes.filter(({ path }) => path.length <= PATH_CHARS_MAX);
    try {
      await report(agent, told);
    } catch (error) {
      output.remark(
        `${agent}: the hub was not reached: ${error instanceof Error ? error.message : String(error)}`,
      );
      return false;
    }
    for (const { status, path } of told) output.line(`${agent} ${status} ${printable(path)}`);
    return true;
  };
};

/** Leaves what happened to files to the hooks that report it: each change is told once, and of who made it. */
const leaver = (output: Output): Deliver => {
  const sayLeftOut = makeSayLeftOut(output);
  return async (agent, seen) => {
    sayLeftOut(agent, seen);
    return true;
  };
};

/** Prints what happened to files instead of sending it. */
const shower = (output: Output): Deliver => {
  const sayLeftOut = makeSayLeftOut(output);
  return async (agent, seen) => {
    output.json({ agent, changes: seen.changes, leftOut: seen.snapshot.leftOut });
    sayLeftOut(agent, seen);
    return true;
  };
};

/** Prints whole reports of worktrees that changed instead of sending what changed in them. */
const showRound = (output: Output) => {
  const shown = new Map<string, string>();
  return async (round: Round): Promise<boolean> => {
    for (const worktree of round.worktrees) {
      const report = makeReport(worktree, round);
      const text = JSON.stringify(report, undefined, 2);
      if (shown.get(worktree.key) === text) continue;
      shown.set(worktree.key, text);
      output.json({ agent: worktree.key, ...report });
      output.line(`${worktree.key}: this is all that would be sent:`);
      output.line(text);
    }
    return true;
  };
};

const showPredictions = (predictions: readonly Prediction[], output: Output): void => {
  output.json({ predictions });
  for (const { pair, paths } of predictions) {
    const what = paths === undefined ? 'cannot be merged' : `conflict in ${paths.map(printable).join(', ')}`;
    output.line(`${pair.join(' and ')}: ${what}`);
  }
  if (predictions.length === 0) output.line('no conflicts between these worktrees any more');
};

const openOrExplain = async (...options: Parameters<typeof openWorkspace>) => {
  try {
    return await openWorkspace(...options);
  } catch (error) {
    if (error instanceof GitFailed)
      throw new Failure(`nothing can be watched: ${error.message}`, { code: error.reason });
    throw error;
  }
};

const stopWithSignals = (): AbortController => {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stopping.abort());
  return stopping;
};

interface Watching {
  readonly folders: ReadonlyMap<string, string>;
  readonly isOnce: boolean;
  /** Hooks report the edits of these worktrees. */
  readonly isBesideHooks: boolean;
  readonly output: Output;
  readonly env: Surroundings['env'];
  readonly signal: AbortSignal;
}

/** Watches until the signal; without a connection what would be sent is shown. */
const watchFolders = async (
  { folders, isOnce, isBesideHooks, output, env, signal }: Watching,
  voice?: Voice,
): Promise<void> => {
  const tell = (told: Voice): Deliver => (isBesideHooks ? leaver(output) : reporter(told, output));
  const workspace = await openOrExplain({
    env,
    folders,
    deliver: voice ? tell(voice) : shower(output),
    onRound: voice ? makeSendRound(voice, output) : showRound(output),
    onPredictions: (predictions) => showPredictions(predictions, output),
    onFailure: (agent, { message }) => output.remark(`${agent}: ${message}`),
  });
  const [folder = '.'] = folders.values();
  const reportHere = async (): Promise<void> => voice && reportMain(voice.connection, folder, env, output);
  try {
    if (isOnce) await Promise.all([workspace.reconcile(), reportHere()]);
    else await followMain(reportHere, output, signal);
  } finally {
    await workspace.close();
  }
};

export const watch = defineCommand({
  name: 'watch',
  summary: 'Report what agents do to files of their worktrees, and predict merges between those here.',
  options: {
    agent: {
      type: 'string',
      multiple: true,
      hint: 'NAME[=FOLDER]',
      summary: 'whose worktree it is, and where if not here; several are predicted against each other',
    },
    show: { type: 'boolean', summary: 'print what would be sent, and send nothing' },
    once: { type: 'boolean', summary: 'look once and end' },
    'for-hooks-of': {
      type: 'string',
      hint: 'PID',
      summary: 'what hooks start: beside the agent’s session, until it or this client ends',
    },
    ...projectOptions,
    json: { type: 'boolean', summary: 'one JSON object a line' },
  },
  details: [
    'Paths, line numbers and hashes are sent, never text of a file; of commits that come to the main branch their ids,',
    'paths, and the tasks and issues that their messages name. Ignored files, links out of the worktree, pipes and',
    'files over 16 MiB stay out. The repository, its index and its files are never written to.',
  ],
  examples: ['act watch --agent ann', 'act watch --show --once --agent ann --agent bob=../bob'],
  async run({ values, output, surroundings }) {
    const folders = foldersOf(values.agent ?? []);
    const stopping = stopWithSignals();
    const client = values['for-hooks-of'];
    const watching = {
      folders,
      isOnce: values.once ?? false,
      isBesideHooks: client !== undefined,
      output,
      env: surroundings.env,
      signal: stopping.signal,
    };
    if (client !== undefined) {
      const [[agentId = '', folder = ''] = []] = folders;
      const beside = { home: homedir(), folder, agentId, clientId: Number(client), surroundings, stopping };
      await besideSession(beside, (voice) => watchFolders(watching, voice));
      return EXIT.ok;
    }
    const connection = values.show ? undefined : await connectProject(values, surroundings);
    await watchFolders(watching, connection && { connection, speak: makeSpeak(connection) });
    return EXIT.ok;
  },
});
