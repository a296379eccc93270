import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const ANSWER_MS_MAX = 30_000;
const ANSWER_BYTES_MAX = 65_536;

/**
 * What the operator's program prints: master keys that a vault or key service keeps, so that they lie on no disk of
 * this machine. `command` is a program and its arguments, separated by white space and given to no shell. Rejects with
 * one line that quotes nothing of what the program wrote.
 */
export const askKeyService = async (command: string): Promise<string> => {
  const [program = '', ...args] = command.trim().split(/\s+/);
  const limits = { timeout: ANSWER_MS_MAX, maxBuffer: ANSWER_BYTES_MAX, windowsHide: true };
  try {
    return (await promisify(execFile)(program, args, limits)).stdout;
  } catch (error) {
    const { code, signal } = error as { code?: unknown; signal?: unknown };
    throw new Error(`ACT_MASTER_KEY_COMMAND: ${program} gave no keys (${String(signal ?? code)})`);
  }
};
