import { defineCommand, jsonOption } from '../../cli/command.ts';
import { valueOf } from '../../connection/connect.ts';
import { connectProject, projectOptions } from '../../connection/find-project.ts';
import { makeSpeaker, speakAs } from '../../session/speaker.ts';

export const remove = defineCommand({
  name: 'artifact delete',
  summary: 'Delete a file for good: its key is destroyed at once.',
  positionals: [{ name: 'ID', summary: 'see: act artifact list' }],
  options: {
    agent: { type: 'string', hint: 'NAME', summary: 'as this agent, which must have stored it' },
    ...projectOptions,
    ...jsonOption,
  },
  async run({ values, positionals: [wanted = ''], output, surroundings }) {
    const connection = await connectProject(values, surroundings);
    const { hub, project } = connection;
    const artifactId = wanted.toLowerCase();
    const input = (speaker: { sessionId?: string }) =>
      hub.command('artifact.delete', project.id, { artifactId, ...speaker });
    const result =
      values.agent === undefined
        ? await input({})
        : await speakAs(makeSpeaker(connection, values.agent), (sessionId) => input({ sessionId }));
    valueOf(`file ${wanted} was not deleted`, result);
    output.json({ artifactId });
    output.line(`deleted ${artifactId}`);
  },
});
