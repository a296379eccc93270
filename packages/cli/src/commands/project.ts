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
    if (projects.length === 0)
      output.line(output.asCalled('there is no project yet: act project create NAME'));
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

const require = defineCommand({
  name: 'project require',
  summary: 'Say what a completed task must show; a completion without it is refused.',
  positionals: [{ name: 'NAME|ID', summary: 'the project' }],
  options: {
    commit: { type: 'boolean', summary: 'the commit of the work' },
    check: { type: 'string', multiple: true, hint: 'NAME', summary: 'a check that has passed' },
    ...hubOptions,
    ...jsonOption,
  },
  details: ['It replaces what was asked for before; without --commit and --check nothing is asked for.'],
  examples: ['act project require "Web shop" --commit --check tests --check lint'],
  async run({ values, positionals: [wanted = ''], output, surroundings }) {
    const connection = await connectProject({ ...values, project: wanted }, surroundings);
    const evidence = { commit: values.commit ?? false, checks: [...(values.check ?? [])] };
    await connection.command('nothing was changed', 'project.update', connection.project.id, {
      settings: { evidence },
    });
    output.json({ projectId: connection.project.id, evidence });
    const asked = [...(evidence.commit ? ['its commit'] : []), ...evidence.checks.map(printable)];
    output.line(`a completion shows ${asked.length === 0 ? 'nothing' : asked.join(', ')}`);
  },
});

export const project: Group = {
  kind: 'group',
  name: 'project',
  summary: 'Create, list and archive projects, and say what their tasks must show.',
  entries: {
    create: { summary: 'create a project', load: () => Promise.resolve(create) },
    list: { summary: 'all projects', load: () => Promise.resolve(list) },
    require: { summary: 'say what a completed task must show', load: () => Promise.resolve(require) },
    archive: { summary: 'archive a project', load: () => Promise.resolve(archive) },
  },
};
