import canonicalize from 'canonicalize';
import { z } from 'zod';
import * as s from './scalars.ts';

const Hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ description: 'SHA-256, hexadecimal' });

/** A record of a project’s log with everything that its hash is made of; lists are by command, in their order. */
export const AuditRecord = z
  .object({
    projectId: s.ProjectId,
    firstSeq: s.Seq,
    lastSeq: s.Seq,
    at: z.int().meta({ description: 'When it was committed, epoch milliseconds' }),
    commandIds: z.array(s.Uuid),
    actors: z.array(s.Uuid).meta({ description: 'The member that gave each command; zeros: the hub itself' }),
    eventCounts: z.array(z.int().min(0)),
    fingerprints: z.array(z.int()),
    idHigh: z.int().meta({ description: 'The latest time inside any command id so far, epoch milliseconds' }),
    eventsText: z
      .string()
      .meta({ description: 'JSON array of the events, byte for byte as subscribers got it' }),
    previousHash: Hash,
    hash: Hash,
  })
  .meta({ id: 'AuditRecord' });
export type AuditRecord = z.infer<typeof AuditRecord>;

/** A record as it is hashed; arrays are only read. */
export type HashedColumns = { readonly [K in keyof Omit<AuditRecord, 'hash'>]: Readonly<AuditRecord[K]> };

/** The text whose SHA-256 is a record’s hash: every column but the hash itself, joined by line feeds, events last. */
export const recordText = (record: HashedColumns): string =>
  [
    record.previousHash,
    record.projectId,
    `${record.firstSeq} ${record.lastSeq} ${record.at} ${record.idHigh}`,
    record.commandIds.join(' '),
    record.actors.join(' '),
    record.eventCounts.join(' '),
    record.fingerprints.join(' '),
    record.eventsText,
  ].join('\n');

/** `typ` of a signed head: with it no head passes for an access token, and no token for a head. */
export const AUDIT_HEAD_TYPE = 'act-head+jwt';

/** What a hub says of a log at a moment: where it ends, and the hash of its last record, which is of all before it. */
export const AuditHead = z
  .strictObject({
    iss: z.string().min(1).meta({ description: 'The hub, as ACT_TOKEN_ISSUER names it' }),
    projectId: s.ProjectId,
    lastSeq: s.Seq,
    hash: Hash,
    time: s.Timestamp,
  })
  .meta({ id: 'AuditHead' });
export type AuditHead = z.infer<typeof AuditHead>;

/** A head as it is signed: RFC 8785 canonical JSON, so that one statement has one spelling. */
export const headText = (head: AuditHead): string => {
  const text = canonicalize(head);
  if (text === undefined) throw new TypeError('a head is an object');
  return text;
};

/** A public Ed25519 key (RFC 8037) as a key set shows it; `kid` is its RFC 7638 thumbprint. */
export const AuditKey = z
  .object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), kid: z.string() })
  .meta({ id: 'AuditKey' });
export type AuditKey = z.infer<typeof AuditKey>;

export const SignedHead = z
  .object({
    head: z.string().meta({ description: 'JWS (compact), `typ` act-head+jwt, of an AuditHead' }),
    key: AuditKey.meta({ description: 'What it is checked with; keep both, the hub destroys keys' }),
    startSeq: s.Seq.meta({ description: 'The first sequence number that the log still holds; not signed' }),
  })
  .meta({ id: 'SignedHead' });
export type SignedHead = z.infer<typeof SignedHead>;
