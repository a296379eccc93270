import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * One line of a history. A call begins with `invoke` and ends with `ok`, `fail` (refused: it changed nothing) or
 * `info` (nobody knows). `call` pairs the lines of one process; times are epoch milliseconds.
 */
export interface Entry {
  readonly process: string;
  readonly call: number;
  readonly time: number;
  readonly type: 'invoke' | 'ok' | 'fail' | 'info';
  readonly name: string;
  readonly input?: unknown;
  readonly output?: unknown;
  readonly refusal?: string;
  readonly commandId?: string;
  readonly seq?: number;
}

export const historyDir = (stageDir: string): string => join(stageDir, 'history');

/** Writes each line before the call goes on, so that a process killed at any moment leaves what it did. */
export class Recorder {
  readonly #process: string;
  readonly #file: number;
  #calls = 0;

  constructor(stageDir: string, process: string) {
    mkdirSync(historyDir(stageDir), { recursive: true });
    this.#process = process;
    this.#file = openSync(join(historyDir(stageDir), `${process}.jsonl`), 'a');
  }

  #write(entry: Omit<Entry, 'process' | 'time'>): void {
    writeSync(this.#file, `${JSON.stringify({ process: this.#process, time: Date.now(), ...entry })}\n`);
  }

  invoke(name: string, input: unknown, commandId?: string): number {
    const call = ++this.#calls;
    this.#write({ call, type: 'invoke', name, input, ...(commandId === undefined ? {} : { commandId }) });
    return call;
  }

  end(call: number, name: string, ended: Pick<Entry, 'type' | 'output' | 'refusal' | 'seq'>): void {
    this.#write({ call, name, ...ended });
  }

  /** Something seen rather than asked for. */
  note(name: string, output: unknown): void {
    this.#write({ call: ++this.#calls, type: 'info', name, output });
  }

  close(): void {
    closeSync(this.#file);
  }
}
