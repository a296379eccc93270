import { ROLES } from '@agentmix/act-contract';
import { accessOptions, connectAccess, roleOption } from '../access/access-options.ts';
import { findMemberId, listKeys } from '../access/find-member.ts';
import type { ApiKey } from '../access/find-member.ts';
import { handOver, outOption } from '../access/key-out.ts';
import { defineCommand, jsonOption, wholeNumber } from '../cli/command.ts';
import type { Group } from '../cli/command.ts';
import { alignColumns } from '../terminal/columns.ts';
import { printable } from '../terminal/printable.ts';

const DAY_MS = 86_400_000;
const DAYS_MAX = 3_650;
const OVERLAP_HOURS_MAX = 720;

const standing = ({ revokedAt, expiresAt }: ApiKey, now: number): string => {
  if (revokedAt !== undefined) return 'revoked';
  if (expiresAt === undefined) return 'live';
  return Date.parse(expiresAt) <= now ? 'expired' : `until ${expiresAt}`;
};

/** When a key ends that is to last so many days of the hub's time. */
const ending = (days: number | undefined, now: number): { expiresAt?: string } =>
  days === undefined ? {} : { expiresAt: new Date(now + days * DAY_MS).toISOString() };

const list = defineCommand({
  name: 'key list',
  summary: 'The API keys of a project, without their secrets.',
  options: {
    all: { type: 'boolean', summary: 'also those that ended' },
    ...accessOptions,
    ...jsonOption,
  },
  async run({ values, output, surroundings }) {
    const connection = await connectAccess(values, surroundings);
    const now = connection.hub.time();
    const isOver = (key: ApiKey): boolean => ['revoked', 'expired'].includes(standing(key, now));
    const keys = (await listKeys(connection)).filter((key) => values.all === true || !isOver(key));
    output.json({ keys });
    const rows = keys.map((key) => [
      key.id,
      key.memberId,
      printable(key.label ?? ''),
      key.role ?? '',
      standing(key, now),
      output.style.dim(key.lastUsedAt === undefined ? 'never used' : `used ${key.lastUsedAt}`),
    ]);
    output.line(
      ...(rows.length === 0 ? [output.asCalled('no keys: act key create MEMBER')] : alignColumns(rows)),
    );
  },
});

const create = defineCommand({
  name: 'key create',
  summary: 'Make an API key for a member; it is shown once.',
  positionals: [{ name: 'MEMBER', summary: 'id, name, or the agent it speaks as' }],
  options: {
    label: { type: 'string', summary: 'what it is for; in the log, so nothing personal' },
    role: { type: 'string', hint: ROLES.join('|'), summary: 'less than the member’s' },
    days: { type: 'string', hint: 'N', summary: 'it ends after so many days' },
    ...outOption,
    ...accessOptions,
    ...jsonOption,
  },
  examples: ['act key create ann --label ci --days 90 --out ann.key'],
  async run({ values, positionals: [wanted = ''], output, surroundings }) {
    const role = roleOption(values.role);
    const days = wholeNumber(values.days, 'days', 1, DAYS_MAX);
    const connection = await connectAccess(values, surroundings);
    const { command, projectId, hub } = connection;
    const memberId = await findMemberId(connection, wanted);
    await handOver(output, values.out, async () => {
      const made = await command('the key was not made', 'key.create', projectId, {
        memberId,
        ...(values.label === undefined ? {} : { label: values.label }),
        ...(role === undefined ? {} : { role }),
        ...ending(days, hub.time()),
      });
      return { ...made, memberId };
    });
  },
});

const rotate = defineCommand({
  name: 'key rotate',
  summary: 'Make a key in the place of another, which goes on for a while.',
  positionals: [{ name: 'KEY', summary: 'id of the key' }],
  options: {
    'overlap-hours': {
      type: 'string',
      hint: 'N',
      summary: 'how long the old one goes on; 24 when not given',
    },
    days: {
      type: 'string',
      hint: 'N',
      summary: 'it ends after so many days; else when the old one would have',
    },
    ...outOption,
    ...accessOptions,
    ...jsonOption,
  },
  async run({ values, positionals: [keyId = ''], output, surroundings }) {
    const hours = wholeNumber(values['overlap-hours'], 'overlap-hours', 0, OVERLAP_HOURS_MAX);
    const days = wholeNumber(values.days, 'days', 1, DAYS_MAX);
    const { command, projectId, hub } = await connectAccess(values, surroundings);
    await handOver(output, values.out, async () => {
      const made = await command('the key was not rotated', 'key.rotate', projectId, {
        keyId,
        ...ending(days, hub.time()),
        ...(hours === undefined ? {} : { overlapMs: hours * 3_600_000 }),
      });
      return { ...made, replaces: keyId };
    });
  },
});

const revoke = defineCommand({
  name: 'key revoke',
  summary: 'End a key at once, with everything that was opened by it.',
  positionals: [{ name: 'KEY', summary: 'id of the key' }],
  options: { ...accessOptions, ...jsonOption },
  async run({ values, positionals: [keyId = ''], output, surroundings }) {
    const { command, projectId } = await connectAccess(values, surroundings);
    await command('the key was not revoked', 'key.revoke', projectId, { keyId });
    output.json({ keyId, revoked: true });
    output.line(`revoked ${keyId}`);
  },
});

export const key: Group = {
  kind: 'group',
  name: 'key',
  summary: 'API keys: make, rotate and revoke them.',
  entries: {
    list: { summary: 'the keys, without their secrets', load: () => Promise.resolve(list) },
    create: { summary: 'make one for a member', load: () => Promise.resolve(create) },
    rotate: { summary: 'make one in the place of another', load: () => Promise.resolve(rotate) },
    revoke: { summary: 'end one at once', load: () => Promise.resolve(revoke) },
  },
};
