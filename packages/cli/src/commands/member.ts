import { randomUUID } from 'node:crypto';
import { MEMBER_KINDS, ROLES } from '@agentmix/act-contract';
import { accessOptions, connectAccess, oneOf, roleOption } from '../access/access-options.ts';
import { findMemberId, listMembers } from '../access/find-member.ts';
import { defineCommand, jsonOption } from '../cli/command.ts';
import type { Group } from '../cli/command.ts';
import { usageFailure } from '../cli/failure.ts';
import { alignColumns } from '../terminal/columns.ts';
import { printable } from '../terminal/printable.ts';

const list = defineCommand({
  name: 'member list',
  summary: 'Who may do what: the members of a project and their roles.',
  options: { ...accessOptions, ...jsonOption },
  async run({ values, output, surroundings }) {
    const members = await listMembers(await connectAccess(values, surroundings));
    output.json({ members });
    const rows = members.map(({ id, role, kind, agentId, name, writePaths }) => [
      id,
      role,
      kind,
      printable(agentId ?? name ?? ''),
      writePaths ? output.style.dim(`writes ${printable(writePaths.join(' '))}`) : '',
    ]);
    output.line(
      ...(rows.length === 0 ? [output.asCalled('no members yet: act member put')] : alignColumns(rows)),
    );
  },
});

const put = defineCommand({
  name: 'member put',
  summary: 'Make somebody a member, or say anew what a member is and may do.',
  positionals: [{ name: 'ID', summary: 'the member’s UUID; left out: a new member', isOptional: true }],
  options: {
    kind: { type: 'string', hint: MEMBER_KINDS.join('|'), summary: 'what it is' },
    role: { type: 'string', hint: ROLES.join('|'), summary: 'each may do what those before it may' },
    agent: { type: 'string', hint: 'NAME', summary: 'the one agent it speaks as; an agent needs one' },
    name: { type: 'string', summary: 'of a person; kept apart, never in the log' },
    write: {
      type: 'string',
      multiple: true,
      hint: 'PATTERN',
      summary: 'files it may change; without it: all',
    },
    ...accessOptions,
    ...jsonOption,
  },
  details: ['What is left out is taken away: a member that is put again is what this call says.'],
  examples: [
    'act member put --kind agent --role agent --agent ann --write "src/**"',
    'act member put --kind human --role admin --name Grace',
  ],
  async run({ values, positionals: [id], output, surroundings }) {
    const kind = oneOf(values.kind, 'kind', MEMBER_KINDS);
    const role = roleOption(values.role);
    if (kind === undefined || role === undefined)
      throw usageFailure(
        'say what the member is and may do: --kind and --role',
        'see: act member put --help',
      );
    const { command, projectId } = await connectAccess(values, surroundings);
    const memberId = id ?? randomUUID();
    await command('the member was not put', 'member.put', projectId, {
      memberId,
      kind,
      role,
      ...(values.agent === undefined ? {} : { agentId: values.agent }),
      ...(values.name === undefined ? {} : { name: values.name }),
      ...(values.write === undefined ? {} : { writePaths: [...values.write] }),
    });
    output.json({ memberId, kind, role });
    output.line(
      `${memberId}  ${role}`,
      output.style.dim(output.asCalled(`make it a key: act key create ${memberId}`)),
    );
  },
});

const remove = defineCommand({
  name: 'member remove',
  summary: 'Remove a member; its keys, tokens and streams end at once.',
  positionals: [{ name: 'MEMBER', summary: 'id, name, or the agent it speaks as' }],
  options: { ...accessOptions, ...jsonOption },
  async run({ values, positionals: [wanted = ''], output, surroundings }) {
    const connection = await connectAccess(values, surroundings);
    const memberId = await findMemberId(connection, wanted);
    const { command, projectId } = connection;
    await command('the member was not removed', 'member.remove', projectId, { memberId });
    output.json({ memberId, removed: true });
    output.line(`removed ${memberId}`);
  },
});

export const member: Group = {
  kind: 'group',
  name: 'member',
  summary: 'Who may do what: members of a project and their roles.',
  entries: {
    list: { summary: 'the members', load: () => Promise.resolve(list) },
    put: { summary: 'add one, or change one', load: () => Promise.resolve(put) },
    remove: { summary: 'remove one, and end all its keys', load: () => Promise.resolve(remove) },
  },
};
