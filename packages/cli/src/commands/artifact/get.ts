import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { ActDamaged } from '@agentmix/act-client';
import { defineCommand, jsonOption } from '../../cli/command.ts';
import { Failure, usageFailure } from '../../cli/failure.ts';
import { valueOf } from '../../connection/connect.ts';
import { connectProject, projectOptions } from '../../connection/find-project.ts';
import { printable } from '../../terminal/printable.ts';

/** The file appears under its name when all of it was verified, and not before. */
const save = async (content: AsyncIterable<Uint8Array>, path: string): Promise<void> => {
  const draft = `${path}.${randomUUID()}.part`;
  try {
    await pipeline(content, createWriteStream(draft, { flags: 'wx', mode: 0o600 }));
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
};

const damaged = (error: unknown): unknown =>
  error instanceof ActDamaged
    ? new Failure(error.message, { code: 'artifact_damaged', hint: 'try again; then see the hub’s log' })
    : error;

export const get = defineCommand({
  name: 'artifact get',
  summary: 'Fetch a file that was handed over.',
  positionals: [{ name: 'ID', summary: 'see: act artifact list' }],
  options: {
    output: {
      type: 'string',
      hint: 'FILE',
      summary: 'where to write it; - is stdout, where it is verified only at its end',
    },
    ...projectOptions,
    ...jsonOption,
  },
  details: ['A stored name is never used as a path: say where the file goes.'],
  examples: ['act artifact get 01938c5a-… --output fix.patch'],
  async run({ values, positionals: [artifactId = ''], output, surroundings }) {
    const path = values.output;
    if (path === undefined) throw usageFailure('--output is missing: FILE, or - for stdout');
    if (path === '-' && output.isJson) throw usageFailure('--json and --output - both want stdout');
    const { hub, project } = await connectProject(values, surroundings);
    const read = valueOf(`file ${artifactId}`, await hub.readArtifact(project.id, artifactId.toLowerCase()));
    const { artifact, content } = read;
    try {
      if (path === '-') await pipeline(content, process.stdout, { end: false });
      else await save(content, path);
    } catch (error) {
      throw damaged(error);
    }
    if (path === '-') return;
    output.json({ artifact, path });
    output.line(`${printable(path)}  ${artifact.bytes} bytes, SHA-256 verified`);
  },
});
