import { setTimeout as sleep } from 'node:timers/promises';
import { defineCommand, jsonOption, wholeNumber } from '../../cli/command.ts';
import { usageFailure } from '../../cli/failure.ts';
import { projectOptions } from '../../connection/find-project.ts';
import { findSubject } from './subject.ts';
import type { Subject } from './subject.ts';

const WAIT_SECONDS_DEFAULT = 60;
const POLL_MS = 500;

/** Waits until the hub has wiped the files; undefined where it has not, which on a server of one’s own it never does. */
const wipedAt = async (
  { connection, projectId, first }: Subject,
  until: number,
): Promise<string | undefined> => {
  for (;;) {
    const memberId = first.member.id;
    const told = await connection.query('the erasure', 'privacy.export', projectId, { memberId, limit: 1 });
    if (told.wipedAt !== undefined || performance.now() > until) return told.wipedAt;
    await sleep(POLL_MS);
  }
};

export const erase = defineCommand({
  name: 'privacy erase',
  summary:
    'Erase a member: its name, and the contents of messages by and to its agent. There is no way back.',
  positionals: [{ name: 'MEMBER', summary: 'its id' }],
  options: {
    yes: { type: 'boolean', summary: 'yes, erase it' },
    wait: { type: 'string', hint: 'SECONDS', summary: 'for the database’s files to be wiped (default: 60)' },
    ...projectOptions,
    ...jsonOption,
  },
  details: [
    'The member is removed with its keys. Its id, its agent’s name and what it wrote into tasks stay, the log as it was.',
    'A hub with its own database wipes its files too; on a server of yours see docs/decisions/0012-audit.md.',
    'Copies elsewhere (backups, exports, what agents have read) are not reached.',
  ],
  async run({ values, positionals: [given = ''], output, surroundings }) {
    if (!values.yes)
      throw usageFailure('erasing cannot be undone: say --yes', 'look first: act privacy export MEMBER');
    const seconds = wholeNumber(values.wait, 'wait', 0, 3_600) ?? WAIT_SECONDS_DEFAULT;
    const memberId = given.toLowerCase();
    const subjects = await findSubject(memberId, values, surroundings);
    for (const { connection, projectId } of subjects)
      await connection.command(`not erased in ${projectId}`, 'privacy.erase', projectId, { memberId });
    const until = performance.now() + 1_000 * seconds;
    const projects: { projectId: string; wipedAt: string | undefined }[] = [];
    for (const subject of subjects)
      projects.push({ projectId: subject.projectId, wipedAt: await wipedAt(subject, until) });
    output.json({ memberId, projects });
    for (const one of projects)
      output.line(
        `erased in ${one.projectId}${one.wipedAt === undefined ? ', its old rows are still in the database’s files' : ''}`,
      );
  },
});
