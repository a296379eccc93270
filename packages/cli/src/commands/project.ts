import { defineCommand, jsonOption } from '../cli/command.ts';
import type { Group } from '../cli/command.ts';
import { connect, hubOptions } from '../connection/connect.ts';
import { connectProject, listProjects } from '../connection/find-project.ts';
import { alignColumns } from '../terminal/columns.ts';
import { printable } from '../terminal/printable.ts';
import { fit } from '../terminal/width.ts';

const create = defineCommand({
  name: 'project create',
  summary: 'Create a project.',
  positionals: [{ name: 'NAME', summary: 'what people call it' }],
  options: {
    description: { type: 'string', summary: 'what it is about' },
    policy: { type: 'string', hint: 'flow|weighted', summary: 'how tasks are given out (default: flow)' },
    ...hubOptions,
    ...jsonOption,
  },
  examples: ['act project create "Web shop"'],
  async run({ values, positionals: [name = ''], output, surroundings }) {
    const connection = await connect(values, surroundings);
    const { description, policy } = values;
    const { projectId } = await connection.command(
      'the project was not created',
      'project.create',
      undefined,
      {
        name,
        ...(description === undefined ? {} : { description }),
        // What is no policy the hub refuses by name.
        ...(policy === undefined ? {} : { settings: { policy: policy as 'flow' } }),
      },
    );
    output.json({ projectId, name });
    output.line(`${projectId}  ${printable(name)}`);
  },
});

const list = defineCommand({
  name: 'project list',
  summary: 'All projects of the hub.',
  options: { ...hubOptions, ...jsonOption },
  async run({ values, output, surroundings }) {
    const projects = await listProjects(await connect(values, surroundings));
    output.json({ projects });
    if (projects.length === 0) output.line('there is no project yet: act project create NAME');
    output.line(
      ...alignColumns(
        projects.map(({ id, name, status }) => [
          id,
          fit(printable(name), output.columns() - 50),
          status === 'archived' ? output.style.dim('archived') : '',
        ]),
      ),
    );
  },
});

const archive = defineCommand({
  name: 'project archive',
  summary: 'Archive a project: it can be read, and changed no more.',
  positionals: [{ name: 'NAME|ID', summary: 'the project' }],
  options: { ...hubOptions, ...jsonOption },
  async run({ values, positionals: [wanted = ''], output, surroundings }) {
    const connection = await connectProject({ ...values, project: wanted }, surroundings);
    const { project } = connection;
    await connection.command('the project was not archived', 'project.update', project.id, {
      status: 'archived',
    });
    output.json({ projectId: project.id, status: 'archived' });
    output.line(`archived  ${project.id}  ${printable(project.name)}`);
  },
});

export const project: Group = {
  kind: 'group',
  name: 'project',
  summary: 'Create, list and archive projects.',
  entries: {
    create: { summary: 'create a project', load: () => Promise.resolve(create) },
    list: { summary: 'all projects', load: () => Promise.resolve(list) },
    archive: { summary: 'archive a project', load: () => Promise.resolve(archive) },
  },
};
