import { z } from 'zod';
import { command } from '../define.ts';
import { ARTIFACT_BYTES_MAX, OCTET_STREAM } from '../limits.ts';
import * as s from '../scalars.ts';

const path = '/projects/{projectId}/artifacts/{artifactId}';

export const artifactStore = command({
  name: 'artifact.store',
  summary:
    'Make an uploaded file visible to the project; its size and SHA-256 must be those of what the hub received',
  route: { method: 'PUT', path },
  role: 'agent',
  input: z
    .object({
      artifactId: s.ArtifactId,
      name: s.ArtifactName,
      mediaType: s.MediaType.default(OCTET_STREAM),
      bytes: z.int().min(0).max(ARTIFACT_BYTES_MAX),
      sha256: s.Sha256,
      taskId: s.TaskId.optional(),
      sessionId: s.SessionId.optional(),
    })
    .strict(),
  output: z.object({ artifactId: s.ArtifactId }),
  refusals: ['session_expired', 'task_not_found', 'duplicate_id', 'limit_reached', 'artifact_not_uploaded'],
});

export const artifactDelete = command({
  name: 'artifact.delete',
  summary: 'Delete a stored file for good: who is no coordinator only what its own agent stored',
  route: { method: 'DELETE', path },
  role: 'agent',
  input: z.object({ artifactId: s.ArtifactId, sessionId: s.SessionId.optional() }).strict(),
  output: z.object({}),
  refusals: ['session_expired', 'artifact_not_found', 'not_your_artifact'],
});

export const artifactRewrap = command({
  name: 'artifact.rewrap',
  summary:
    'Encrypt the data keys of stored files anew under the current master key, a bounded number at a time; the files themselves stay as they are',
  route: { method: 'POST', path: '/projects/{projectId}/artifacts/rewrap' },
  role: 'admin',
  input: z
    .object({ after: s.ArtifactId.optional().meta({ description: 'The `next` of the call before' }) })
    .strict(),
  output: z.object({
    keyId: z.string().meta({ description: 'The current master key' }),
    rewrapped: z.int(),
    refused: z.int().meta({ description: 'Data keys that no master key of this hub can unwrap' }),
    next: s.ArtifactId.optional().meta({ description: 'There are more, after this one' }),
  }),
  refusals: [],
});
