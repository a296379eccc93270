import { commands, toBase64Url } from '@agentmix/act-contract';
import type { CommandName } from '@agentmix/act-contract';

/** Values for the fields of commands that speak as a session or as a holder. */
export interface Speaker {
  readonly sessionId: string;
  readonly taskId: string;
  readonly epoch: number;
  readonly otherAgentId: string;
  readonly requestId: string;
  readonly messageId: string;
}

const fieldsOf = (name: CommandName): string[] => Object.keys(commands[name].input.shape);

/** Commands that speak as a session or with a grant's epoch, from the contract's table. */
export const speakingCommands = (): CommandName[] =>
  Object.values(commands)
    .map(({ name }): CommandName => name)
    .filter((name) => fieldsOf(name).some((field) => field === 'sessionId' || field === 'epoch'));

export const needsEpoch = (name: CommandName): boolean => fieldsOf(name).includes('epoch');

const valuesOf = (speaker: Speaker): Readonly<Record<string, unknown>> => ({
  ...speaker,
  to: speaker.otherAgentId,
  waitingFor: speaker.otherAgentId,
  content: 'from a zombie',
  messageIds: [speaker.messageId],
  question: 'am I alive?',
  accepted: true,
  key: 'zombie',
  value: 'from a zombie',
  changes: [{ path: 'zombie.txt', kind: 'created' }],
  patterns: ['zombie/**'],
  regions: [{ path: 'zombie.txt' }],
  worktree: { key: 'zombie', tree: 'a'.repeat(40) },
  files: [{ path: 'zombie.txt', status: 'created' }],
  gone: [],
  merges: [],
  branch: 'main',
  commits: [{ commit: 'a'.repeat(40), paths: ['zombie.txt'], mentions: [] }],
  sealingKey: toBase64Url(new Uint8Array(32).fill(9)),
  signingKey: toBase64Url(new Uint8Array(32).fill(7)),
  proof: toBase64Url(new Uint8Array(64)),
  artifactId: speaker.requestId,
  name: 'zombie.patch',
  mediaType: 'text/plain',
  bytes: 1,
  sha256: '0'.repeat(64),
  percent: 99,
  note: 'from a zombie',
  reason: 'from a zombie',
  result: 'from a zombie',
  checkpoint: { note: 'from a zombie' },
});

/** Optional fields that would change what the command is about. */
const LEFT_OUT = new Set([
  'waitMs',
  'expectedVersion',
  'threadId',
  'messageType',
  'urgency',
  'requires',
  'since',
  'omitted',
]);

/** An input that the contract accepts. Throws when a command has a field that this row knows no value for. */
export const inputOf = (name: CommandName, speaker: Speaker): Record<string, unknown> => {
  const values = valuesOf(speaker);
  const fields = fieldsOf(name).filter((field) => !LEFT_OUT.has(field));
  const input = Object.fromEntries(fields.map((field) => [field, values[field]]));
  const parsed = commands[name].input.safeParse(input);
  if (!parsed.success) throw new Error(`${name}: no valid input: ${parsed.error.message}`);
  return input;
};
