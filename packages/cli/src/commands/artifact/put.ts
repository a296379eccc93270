import { basename } from 'node:path';
import { stat } from 'node:fs/promises';
import { defineCommand, jsonOption } from '../../cli/command.ts';
import { usageFailure } from '../../cli/failure.ts';
import { valueOf } from '../../connection/connect.ts';
import { connectProject, projectOptions } from '../../connection/find-project.ts';
import { makeSpeaker, speakAs } from '../../session/speaker.ts';
import { printable } from '../../terminal/printable.ts';
import { findTask } from '../task/find-task.ts';

const checkFile = async (path: string): Promise<void> => {
  const known = await stat(path).catch(() => undefined);
  if (!known?.isFile()) throw usageFailure(`there is no file ${printable(path)}`);
};

export const put = defineCommand({
  name: 'artifact put',
  summary: 'Hand a file over to the project, encrypted at rest.',
  positionals: [{ name: 'FILE', summary: 'the file' }],
  options: {
    name: { type: 'string', summary: 'what people call it (else the file’s own name)' },
    type: { type: 'string', hint: 'MEDIA/TYPE', summary: 'what it is, for example text/x-diff' },
    task: { type: 'string', hint: 'TASK', summary: 'key or id of the task it belongs to' },
    agent: { type: 'string', hint: 'NAME', summary: 'hand it over as this agent' },
    ...projectOptions,
    ...jsonOption,
  },
  examples: ['act artifact put fix.patch --task login --agent ann'],
  async run({ values, positionals: [path = ''], output, surroundings }) {
    await checkFile(path);
    const connection = await connectProject(values, surroundings);
    const { hub, project } = connection;
    const told = {
      name: values.name ?? basename(path),
      ...(values.type === undefined ? {} : { mediaType: values.type }),
      ...(values.task === undefined ? {} : { taskId: (await findTask(connection, values.task)).id }),
    };
    const store = (speaker: { sessionId?: string }) =>
      hub.storeArtifact(project.id, path, { ...told, ...speaker });
    const result =
      values.agent === undefined
        ? await store({})
        : await speakAs(makeSpeaker(connection, values.agent), (sessionId) => store({ sessionId }));
    const stored = valueOf('the file was not stored', result);
    output.json(stored);
    output.line(`${stored.artifactId}  ${printable(told.name)}  ${stored.bytes} bytes`);
  },
});
