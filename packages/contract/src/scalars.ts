import { z } from 'zod';
import * as limits from './limits.ts';

/** NUL, which PostgreSQL cannot store, and surrogates without their partner, which UTF-8 cannot say. */
const UNSTORABLE = /[\0\p{Surrogate}]/u;

/** Text that PostgreSQL and every JSON reader can hold: well-formed UTF-16 without NUL. */
const text = (charsMax: number) =>
  z
    .string()
    .max(charsMax)
    .refine((value) => !UNSTORABLE.test(value), 'must be well-formed text without NUL');

export const Uuid = z.uuid().meta({ description: 'UUID; the hub makes version 7' });
export const ProjectId = Uuid.meta({ description: 'Id of a project' });
export const TaskId = Uuid.meta({ description: 'Id of a task' });
export const PhaseId = Uuid.meta({ description: 'Id of a phase' });
export const SessionId = Uuid.meta({
  description: 'The speaking agent session, as agent.register returned it',
});
export const MessageId = Uuid.meta({ description: 'Id of a message' });
export const RequestId = Uuid.meta({ description: 'Id of an assistance request' });
export const ConflictId = Uuid.meta({ description: 'Id of a conflict' });
export const ReservationId = Uuid.meta({ description: 'Id of a reservation' });
export const MemberId = Uuid.meta({ description: 'Id of a human, an agent or a service' });
export const KeyId = Uuid.meta({ description: 'Id of an API key' });
export const ArtifactId = z
  .uuid()
  .toLowerCase()
  .meta({ description: 'Id of a stored file, a UUID of version 7 that the caller makes' });
export const AgentId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:@-]{0,99}$/)
  .meta({ description: 'Name of an agent, unique in its project: letters, digits and ._:@-' });

export const Title = text(limits.TITLE_CHARS_MAX).min(1);
export const Name = text(limits.NAME_CHARS_MAX).min(1);
export const Description = text(limits.DESCRIPTION_CHARS_MAX);
export const Note = text(limits.NOTE_CHARS_MAX);
export const Key = text(limits.KEY_CHARS_MAX).min(1);
export const Path = text(limits.PATH_CHARS_MAX).min(1);
/** A file of the project, from its root: never one outside. */
export const RelativePath = Path.regex(
  /^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))/,
  'must be relative and stay below the root',
);
export const Sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ description: 'SHA-256 in lower-case hexadecimal digits' });
export const CommitId = z
  .string()
  .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/)
  .meta({ description: 'Full id of a git commit, in lower-case hexadecimal digits' });
/** Controls, line ends, and marks that turn or hide text: a name that people read must be what it seems. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
export const ArtifactName = text(limits.ARTIFACT_NAME_CHARS_MAX)
  .min(1)
  .refine((name) => !/[\\/]/.test(name) && name !== '.' && name !== '..', 'must not be a path')
  .refine((name) => !UNSEEN.test(name), 'must not hold control or formatting characters')
  .meta({ description: 'What people call the file; never a path on any disk' });
export const MediaType = z
  .string()
  .max(limits.MEDIA_TYPE_CHARS_MAX)
  .regex(/^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/)
  .meta({ description: 'What the file is said to be; told, never acted on' });
export const Epoch = z
  .int()
  .min(1)
  .max(2_147_483_647)
  .meta({ description: 'Fencing number of a grant: raised by 1 at every grant of the task' });
export const Seq = z
  .int()
  .min(0)
  .meta({ description: 'Position in the project’s log, gapless; also the cursor of its event stream' });
export const Timestamp = z.iso.datetime().meta({ description: 'ISO 8601 in UTC' });
/** A time as the wire writes it, from epoch milliseconds. */
export const timestampOf = (at: number): string => new Date(at).toISOString();
/** Epoch milliseconds of a time on the wire. */
export const epochMsOf = (timestamp: string): number => Date.parse(timestamp);
export const Priority = z
  .int()
  .min(0)
  .max(4)
  .meta({ description: '0 is the most urgent, 4 the least; 2 when not given' });
export const Minutes = z.int().min(1).max(525_600);
export const LeaseMs = z.int().min(limits.LEASE_MS_MIN).max(limits.LEASE_MS_MAX);

const depthOf = (value: unknown, level = 0): number =>
  value !== null && typeof value === 'object' && level < 33
    ? Math.max(level, ...Object.values(value).map((child) => depthOf(child, level + 1)))
    : level;

/** Any JSON value up to a number of UTF-8 bytes once serialised, at most 32 levels deep, storable as jsonb. */
export const json = (bytesMax: number) =>
  z
    .json()
    .refine((value) => {
      if (depthOf(value) > 32) return false;
      const serialised = JSON.stringify(value);
      return (
        new TextEncoder().encode(serialised).length <= bytesMax &&
        !/\\u0000|\\ud[89ab][0-9a-f]{2}|\\ud[c-f][0-9a-f]{2}/i.test(serialised)
      );
    }, `must be JSON of at most ${bytesMax} bytes and 32 levels, without NUL or lone surrogates`)
    .meta({ description: `Any JSON value of at most ${bytesMax} bytes` });

/** A skill an agent has, or a task asks for, with a level from 0 to 100. */
export const Capability = z
  .object({ name: Name, level: z.int().min(0).max(100).default(1) })
  .strict()
  .meta({ id: 'Capability' });
export type Capability = z.infer<typeof Capability>;
export const Capabilities = z.array(Capability).max(limits.CAPABILITIES_MAX);
