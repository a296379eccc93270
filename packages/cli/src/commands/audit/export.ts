import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { exportLine } from '../../audit/export-line.ts';
import { readLog } from '../../audit/read-log.ts';
import { defineCommand, wholeNumber } from '../../cli/command.ts';
import { connectProject, projectOptions } from '../../connection/find-project.ts';
import type { ProjectConnection } from '../../connection/find-project.ts';

async function* linesOf(
  connection: ProjectConnection,
  after: number,
  count: (records: number) => void,
): AsyncGenerator<string> {
  for await (const records of readLog(connection, after)) {
    count(records.length);
    yield records.map((record) => `${exportLine(record)}\n`).join('');
  }
}

export const exportLog = defineCommand({
  name: 'audit export',
  summary:
    'The log of a project as JSON lines, one record each, with its commands, who gave them, and its events.',
  options: {
    out: { type: 'string', hint: 'FILE', summary: 'a new file to write (default: stdout)' },
    after: { type: 'string', hint: 'N', summary: 'begin after this position of the log' },
    ...projectOptions,
  },
  details: [
    'The file can be verified without a hub: act audit verify --export FILE.',
    'Members are named by their ids; names are not in the log.',
  ],
  examples: ['act audit export --out log.jsonl', 'act audit export | jq -c ".events[] | [.seq, .type]"'],
  async run({ values, output, surroundings }) {
    const after = wholeNumber(values.after, 'after', 0, Number.MAX_SAFE_INTEGER) ?? 0;
    const connection = await connectProject(values, surroundings);
    let records = 0;
    const lines = Readable.from(linesOf(connection, after, (count) => (records += count)));
    // A file that is there may be the only copy of a log that has been trimmed since.
    const target =
      values.out === undefined ? process.stdout : createWriteStream(values.out, { flags: 'wx', mode: 0o600 });
    await pipeline(lines, target, { end: values.out !== undefined });
    output.remark(`${records} records of ${connection.project.id}`);
  },
});
