import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Call } from '../history/read.ts';
import { repositoryRoot } from '../processes/copy-tree.ts';
import { program } from '../processes/program.ts';

/** One call about one task, as torture/linearizable reads it. Absent fields are Go's zero values there. */
export interface Operation {
  readonly process: number;
  readonly kind: string;
  readonly task: string;
  readonly session: string;
  readonly epoch?: number;
  readonly call: number;
  readonly return?: number;
  readonly outcome: 'ok' | 'refused' | 'unknown';
  readonly granted?: number;
  readonly status?: string;
  readonly holder?: string;
  readonly refusal?: string;
}

export interface LinearHistory {
  readonly name: string;
  readonly operations: readonly Operation[];
}

export interface Verdict {
  readonly name: string;
  readonly verdict: 'ok' | 'illegal' | 'unknown';
}

const KINDS: Readonly<Record<string, string>> = {
  'task.claim': 'claim',
  'task.release': 'release',
  'task.complete': 'complete',
  'task.progress': 'progress',
  'task.get': 'read',
};
const BUILD_MS_MAX = 300_000;
const source = (): string => join(repositoryRoot(), 'torture', 'linearizable');

const answerOf = ({ name, output }: Call): Partial<Operation> => {
  if (name === 'task.claim') return { granted: Number(output['epoch']) };
  if (name !== 'task.get') return {};
  const { status, epoch, sessionId = '' } = output;
  return { status: String(status), granted: Number(epoch), holder: String(sessionId) };
};

/**
 * A call and its repetitions by the same key. The first answer settles all of them where it is ok, for the key is
 * carried out once. A refusal speaks for its own try alone: one before it that nobody answered may still happen.
 */
const operationsOfKey = (tries: readonly Call[], process: number): Operation[] => {
  const [first] = tries;
  const kind = KINDS[first?.name ?? ''];
  if (!first || kind === undefined) return [];
  const { taskId, sessionId = '', epoch } = first.input;
  const begun = {
    process,
    kind,
    task: String(taskId),
    session: String(sessionId),
    ...(epoch === undefined ? {} : { epoch: Number(epoch) }),
    call: first.invokedAt,
  };
  const last = tries.find(({ type }) => type !== 'info');
  const unknown: Operation = { ...begun, outcome: 'unknown' };
  // What was read and never seen says nothing.
  if (last?.endedAt === undefined) return kind === 'read' ? [] : [unknown];
  if (last.type === 'ok') return [{ ...begun, return: last.endedAt, outcome: 'ok', ...answerOf(last) }];
  const refusal = last.refusal ?? '';
  const refused: Operation = {
    ...begun,
    call: last.invokedAt,
    return: last.endedAt,
    outcome: 'refused',
    refusal,
  };
  return last === first ? [refused] : [unknown, refused];
};

/** The operations of a project's callers, each of them a process. */
export const operationsOf = (calls: readonly Call[]): Operation[] => {
  const processes = [...new Set(calls.map(({ process }) => process))];
  const byKey = new Map<string, Call[]>();
  for (const [at, call] of calls.entries()) {
    const key = call.commandId ?? `read ${at}`;
    byKey.set(key, [...(byKey.get(key) ?? []), call]);
  }
  return [...byKey.values()].flatMap((tries) =>
    operationsOfKey(tries, processes.indexOf(tries[0]?.process ?? '')),
  );
};

/** Builds the checker; returns its path. Throws where Go is missing and may not be installed. */
export const buildChecker = async (dir: string, log: (line: string) => void): Promise<string> => {
  const go = program('go', log, 'golang-go');
  const binary = join(dir, 'linearizable-checker');
  await promisify(execFile)(go, ['build', '-o', binary, '.'], { cwd: source(), timeout: BUILD_MS_MAX });
  return binary;
};

const ask = async (binary: string, lines: string): Promise<Verdict[]> => {
  const child = spawn(binary, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(lines);
  // Our own program answers a line for each it reads.
  return (await text(child.stdout))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Verdict);
};

/** What porcupine says of each history, in their order. */
export const judgeHistories = (binary: string, histories: readonly LinearHistory[]): Promise<Verdict[]> =>
  ask(binary, histories.map((history) => `${JSON.stringify(history)}\n`).join(''));

/** Histories made by hand, right and wrong ones, that the checker does not judge as it has to. */
export const misjudgedFixtures = async (binary: string): Promise<string[]> => {
  const lines = readFileSync(join(source(), 'fixtures.jsonl'), 'utf8');
  const verdicts = await ask(binary, lines);
  return lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { name: string; expected: string })
    .filter(({ expected }, at) => verdicts[at]?.verdict !== expected)
    .map(({ name }) => name);
};
