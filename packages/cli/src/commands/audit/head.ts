import { readHead } from '@agentmix/act-client';
import { defineCommand, jsonOption } from '../../cli/command.ts';
import { Failure } from '../../cli/failure.ts';
import { connectProject, projectOptions } from '../../connection/find-project.ts';

export const head = defineCommand({
  name: 'audit head',
  summary: 'The end of a project’s log, signed by the hub, and the public key it is signed with.',
  options: { ...projectOptions, ...jsonOption },
  details: [
    'Give it to someone who does not run the hub. Whoever has it can later show that the log was changed.',
    'It is not kept here: act audit verify keeps the heads that it has checked.',
  ],
  async run({ values, output, surroundings }) {
    const { project, query } = await connectProject(values, surroundings);
    const said = await query('no head', 'audit.head', project.id, {});
    const read = await readHead(said);
    if (!read) throw new Failure('the head is not signed by the key it names', { code: 'forged' });
    output.json({ ...read, ...said });
    output.line(`${read.projectId}  ends at ${read.lastSeq}, ${read.time}, by ${read.iss}`, read.hash);
    output.line(said.head, JSON.stringify(said.key));
  },
});
