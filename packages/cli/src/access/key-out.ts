import { open, rm } from 'node:fs/promises';
import type { OptionDefinitions } from '../cli/command.ts';
import { Failure } from '../cli/failure.ts';
import type { Output } from '../cli/output.ts';

export const outOption = {
  out: {
    type: 'string',
    hint: 'FILE',
    summary: 'write the key there, for its owner’s eyes only (mode 0600)',
  },
} as const satisfies OptionDefinitions;

interface Made {
  readonly keyId: string;
  readonly key?: string | undefined;
}

const unwritable = (file: string, error: unknown): Failure =>
  new Failure(
    `the key cannot be written to ${file}: ${error instanceof Error ? error.message : String(error)}`,
    {
      code: 'key_unwritable',
      hint: 'name a file that does not exist, in a folder that you may write to',
    },
  );

/** Makes a key into a new file. The file comes first: a key that cannot be kept is not made. */
const intoFile = async <M extends Made>(file: string, make: () => Promise<M>): Promise<M> => {
  const handle = await open(file, 'wx', 0o600).catch((error: unknown) => {
    throw unwritable(file, error);
  });
  try {
    const made = await make();
    await handle.writeFile(`${made.key ?? ''}\n`);
    await handle.sync();
    return made;
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
};

/** Makes a key and hands it over once: to a file, to a program, or to the person at the terminal. */
export const handOver = async <M extends Made>(
  output: Output,
  file: string | undefined,
  make: () => Promise<M>,
): Promise<void> => {
  if (file !== undefined) {
    const { key: _key, ...made } = await intoFile(file, make);
    output.json({ ...made, file });
    output.line(`key ${made.keyId} is in ${file}`);
    return;
  }
  const made = await make();
  output.json(made);
  if (made.key !== undefined) output.line(made.key);
  output.remark(`key ${made.keyId}; it is shown this once: keep it where only its user reads it`);
};
