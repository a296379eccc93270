import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { historyDir } from './recorder.ts';
import type { Entry } from './recorder.ts';

/** A call with its end, which is absent when its process was killed before. */
export interface Call {
  readonly process: string;
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly commandId?: string;
  readonly invokedAt: number;
  readonly endedAt?: number;
  readonly type: 'ok' | 'fail' | 'info';
  readonly output: Readonly<Record<string, unknown>>;
  readonly refusal?: string;
  readonly seq?: number;
}

export interface History {
  readonly calls: readonly Call[];
  readonly notes: readonly Entry[];
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const callOf = (invoke: Entry, end: Entry | undefined): Call => ({
  process: invoke.process,
  name: invoke.name,
  input: recordOf(invoke.input),
  ...(invoke.commandId === undefined ? {} : { commandId: invoke.commandId }),
  invokedAt: invoke.time,
  ...(end === undefined ? {} : { endedAt: end.time }),
  type: end === undefined || end.type === 'invoke' ? 'info' : end.type,
  output: recordOf(end?.output),
  ...(end?.refusal === undefined ? {} : { refusal: end.refusal }),
  ...(end?.seq === undefined ? {} : { seq: end.seq }),
});

const readFile = async (file: string, history: { calls: Call[]; notes: Entry[] }): Promise<void> => {
  const open = new Map<number, Entry>();
  for await (const line of createInterface({ input: createReadStream(file) })) {
    let entry: Entry;
    try {
      // Our own recorder wrote it; only the last line of a killed process may be cut.
      entry = JSON.parse(line) as Entry;
    } catch {
      continue;
    }
    const invoke = open.get(entry.call);
    if (entry.type === 'invoke') open.set(entry.call, entry);
    else if (invoke) {
      open.delete(entry.call);
      history.calls.push(callOf(invoke, entry));
    } else history.notes.push(entry);
  }
  for (const invoke of open.values()) history.calls.push(callOf(invoke, undefined));
};

/** All histories of a run, each process's calls in its order. */
export const readHistory = async (stageDir: string): Promise<History> => {
  const dir = historyDir(stageDir);
  const history = { calls: [], notes: [] };
  for (const name of existsSync(dir) ? readdirSync(dir) : []) await readFile(join(dir, name), history);
  return history;
};
