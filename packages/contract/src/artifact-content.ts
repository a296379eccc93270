import { z } from 'zod';
import type { HttpMethod } from './define.ts';
import { ARTIFACT_BYTES_MAX } from './limits.ts';
import type { RefusalCode } from './refusals.ts';
import type { Role } from './roles.ts';
import * as s from './scalars.ts';
import { commonQueryRefusals } from './table.ts';

/** What an upload answers: what the hub received, durably. */
export const Uploaded = z
  .object({
    artifactId: s.ArtifactId,
    bytes: z.int().min(0).max(ARTIFACT_BYTES_MAX),
    sha256: s.Sha256,
  })
  .meta({ id: 'Uploaded' });
export type Uploaded = z.infer<typeof Uploaded>;

interface ContentDoor {
  readonly name: string;
  readonly method: HttpMethod;
  readonly summary: string;
  /** The least role that may call it. */
  readonly role: Role;
  readonly refusals: readonly RefusalCode[];
}

/** Path of a file’s content, below /v1: the two calls that carry bytes, not JSON, and only over REST. */
export const ARTIFACT_CONTENT_PATH = '/projects/{projectId}/artifacts/{artifactId}/content';

const common = commonQueryRefusals;

export const artifactUpload = {
  name: 'artifact.upload',
  method: 'PUT',
  role: 'agent',
  summary:
    'Send a file’s bytes; nothing is visible before artifact.store. Sent again, an upload that was broken off begins anew',
  refusals: [
    ...common,
    'project_archived',
    'duplicate_id',
    'limit_reached',
    'length_required',
    'payload_too_large',
    'unsupported_media_type',
    'malformed_body',
    'upload_superseded',
    'overloaded',
  ],
} as const satisfies ContentDoor;

export const artifactDownload = {
  name: 'artifact.download',
  method: 'GET',
  role: 'viewer',
  summary:
    'Get a file’s bytes, always as an attachment. A connection that ends before content-length is reached means damage: discard what came',
  refusals: [...common, 'artifact_not_found', 'artifact_damaged'],
} as const satisfies ContentDoor;
