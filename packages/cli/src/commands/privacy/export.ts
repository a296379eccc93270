import { writeFile } from 'node:fs/promises';
import type { AuditRecord, QueryOutput } from '@agentmix/act-client';
import type { FramedEvent } from '@agentmix/act-contract';
import { PAGE_ITEMS_MAX } from '@agentmix/act-contract';
import { readLog } from '../../audit/read-log.ts';
import { defineCommand } from '../../cli/command.ts';
import { projectOptions } from '../../connection/find-project.ts';
import { findSubject } from './subject.ts';
import type { Subject, Told } from './subject.ts';

const allMessages = async ({ connection, projectId, first }: Subject): Promise<Told['messages']> => {
  const messages = [...first.messages];
  const memberId = first.member.id;
  for (let after = first.next; after !== undefined;) {
    const page: QueryOutput<'privacy.export'> = await connection.query(
      'the messages',
      'privacy.export',
      projectId,
      {
        memberId,
        limit: PAGE_ITEMS_MAX,
        after,
      },
    );
    messages.push(...page.messages);
    after = page.next;
  }
  return messages;
};

/** The events of a record that came of the member’s commands. */
const eventsBy = (memberId: string, { actors, eventCounts, eventsText, at }: AuditRecord): object[] => {
  if (!actors.includes(memberId)) return [];
  // A record holds what was committed: framed events.
  const events = JSON.parse(eventsText) as FramedEvent[];
  const owners = actors.flatMap((actor, place) => Array<string>(eventCounts[place] ?? 0).fill(actor));
  const timestamp = new Date(at).toISOString();
  return events
    .filter((_event, place) => owners[place] === memberId)
    .map((event) => ({ ...event, timestamp }));
};

const tellOf = async (subject: Subject): Promise<object> => {
  const { connection, projectId, first } = subject;
  const events: object[] = [];
  for await (const records of readLog({ ...connection, project: { id: projectId } }))
    for (const record of records) events.push(...eventsBy(first.member.id, record));
  const { next: _next, ...told } = first;
  return { projectId, ...told, messages: await allMessages(subject), events };
};

export const exportMember = defineCommand({
  name: 'privacy export',
  summary: 'Everything that is kept of a member, as one JSON object.',
  positionals: [{ name: 'MEMBER', summary: 'its id' }],
  options: {
    out: { type: 'string', hint: 'FILE', summary: 'a new file to write (default: stdout)' },
    ...projectOptions,
  },
  details: [
    'Its row, name, keys without their secrets, messages by and to its agent, and the events of its commands that',
    'the log still holds: of the project named, or of every one that the key administers.',
  ],
  async run({ values, positionals: [memberId = ''], surroundings }) {
    const subjects = await findSubject(memberId.toLowerCase(), values, surroundings);
    const projects: object[] = [];
    for (const subject of subjects) projects.push(await tellOf(subject));
    const text = `${JSON.stringify({ memberId: memberId.toLowerCase(), projects }, undefined, 2)}\n`;
    if (values.out === undefined) process.stdout.write(text);
    else await writeFile(values.out, text, { flag: 'wx', mode: 0o600 });
  },
});
