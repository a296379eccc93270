import { escapeHidden } from './agents-text/hidden.ts';

/** Every way a call can be refused: its HTTP status, what it means, and whether repeating the same call can help. */
export const refusals = {
  invalid_input: { status: 400, title: 'The input does not fit the contract', retry: false },
  malformed_body: { status: 400, title: 'The body is not JSON', retry: false },
  cursor_in_future: { status: 400, title: 'The cursor is ahead of the project’s log', retry: false },
  unauthorized: { status: 401, title: 'A valid bearer token is required', retry: false },
  token_needed: { status: 401, title: 'This hub takes API keys for access tokens only', retry: false },
  key_expired: { status: 401, title: 'The API key has expired', retry: false },
  key_revoked: { status: 401, title: 'The API key was revoked, or its member removed', retry: false },
  forbidden: { status: 403, title: 'The role does not allow this', retry: false },
  not_your_agent: { status: 403, title: 'Another member speaks as this agent', retry: false },
  path_not_yours: { status: 403, title: 'The path is outside those the member may change', retry: false },
  token_expired: { status: 401, title: 'The token has expired; refresh it', retry: false },
  token_invalid: { status: 401, title: 'The token is none of this hub’s', retry: false },
  token_reused: {
    status: 401,
    title: 'The refresh token was used before; all that followed from it have ended',
    retry: false,
  },
  forbidden_host: { status: 403, title: 'The Host header names no address of this hub', retry: false },
  forbidden_origin: { status: 403, title: 'Pages of other origins may not call this hub', retry: false },
  not_your_artifact: { status: 403, title: 'Another agent stored this file', retry: false },
  route_not_found: { status: 404, title: 'No such route', retry: false },
  project_not_found: { status: 404, title: 'No such project', retry: false },
  phase_not_found: { status: 404, title: 'No such phase', retry: false },
  task_not_found: { status: 404, title: 'No such task', retry: false },
  agent_not_found: { status: 404, title: 'No such agent', retry: false },
  message_not_found: { status: 404, title: 'No such message', retry: false },
  assistance_not_found: { status: 404, title: 'No such assistance request', retry: false },
  member_not_found: { status: 404, title: 'No such member', retry: false },
  api_key_not_found: { status: 404, title: 'No such API key', retry: false },
  conflict_not_found: { status: 404, title: 'No such conflict', retry: false },
  key_not_found: { status: 404, title: 'No such key in the shared state', retry: false },
  option_not_found: { status: 404, title: 'The conflict has no such option', retry: false },
  reservation_not_found: { status: 404, title: 'No such reservation', retry: false },
  artifact_not_found: { status: 404, title: 'No such stored file', retry: false },
  session_expired: { status: 409, title: 'The session has ended; register again', retry: false },
  stale_epoch: {
    status: 409,
    title: 'The task was granted anew or returned; this grant is over',
    retry: false,
  },
  task_not_ready: { status: 409, title: 'The task is not ready to be claimed', retry: false },
  task_already_claimed: { status: 409, title: 'Another agent holds the task', retry: false },
  task_closed: { status: 409, title: 'The task is completed or cancelled', retry: false },
  task_not_failed: { status: 409, title: 'Only a failed task can be retried', retry: false },
  task_not_blocked: { status: 409, title: 'The task is not blocked', retry: false },
  task_held: { status: 409, title: 'The task is held; release it first', retry: false },
  capability_missing: {
    status: 409,
    title: 'The agent lacks a capability that the task requires',
    retry: false,
  },
  evidence_missing: {
    status: 409,
    title: 'The project asks for evidence that the completion does not show',
    retry: false,
  },
  dependency_cycle: { status: 409, title: 'The dependency would close a cycle', retry: false },
  dependency_not_found: { status: 409, title: 'No such dependency', retry: false },
  phase_has_open_tasks: { status: 409, title: 'The phase still has open tasks', retry: false },
  agent_taken: { status: 409, title: 'Another member speaks as this agent', retry: false },
  role_not_here: { status: 409, title: 'This project has no such role', retry: false },
  last_owner: { status: 409, title: 'The hub’s last owner cannot be removed', retry: false },
  proof_invalid: {
    status: 409,
    title: 'The signature does not show that the publisher has the signing key',
    retry: false,
  },
  duplicate_id: { status: 409, title: 'The id is in use', retry: false },
  duplicate_key: { status: 409, title: 'The key is in use', retry: false },
  version_mismatch: { status: 409, title: 'The entry has another version', retry: false },
  project_archived: { status: 409, title: 'The project is archived', retry: false },
  limit_reached: { status: 409, title: 'A limit of the project is reached', retry: false },
  too_many_hops: {
    status: 409,
    title: 'The thread was passed on too often; begin a new one',
    retry: false,
  },
  repeated_content: {
    status: 409,
    title: 'Several agents already passed on the same content',
    retry: false,
  },
  artifact_not_uploaded: {
    status: 409,
    title: 'No complete upload has this size and SHA-256; send the file again',
    retry: false,
  },
  upload_superseded: {
    status: 409,
    title: 'Another upload of this file began, or the hub swept this one',
    retry: false,
  },
  region_reserved: {
    status: 409,
    title: 'Another agent has reserved this region; `holders` says who and how to go on',
    retry: false,
  },
  worktree_not_yours: {
    status: 409,
    title: 'Another agent’s session reports this worktree',
    retry: false,
  },
  report_out_of_step: {
    status: 409,
    title: 'The hub does not know the report that this one changes; send a whole one',
    retry: false,
  },
  reservation_deadlock: {
    status: 409,
    title: 'Whom the request would wait for waits for this agent; release first, then ask again',
    retry: false,
  },
  lease_live: { status: 409, title: 'The session’s lease has not run out', retry: false },
  cursor_too_old: {
    status: 410,
    title: 'The log no longer reaches back to this cursor; take a snapshot',
    retry: false,
  },
  length_required: { status: 411, title: 'The content-length must be told', retry: false },
  payload_too_large: { status: 413, title: 'The body is larger than the hub accepts', retry: false },
  unsupported_media_type: {
    status: 415,
    title: 'This call takes a body of another content-type',
    retry: false,
  },
  idempotency_key_reused: {
    status: 422,
    title: 'This command id was used for another command',
    retry: false,
  },
  idempotency_key_expired: { status: 422, title: 'This command id is too old to be judged', retry: false },
  idempotency_key_ahead: {
    status: 422,
    title: 'This command id is stamped in the future; check the clock',
    retry: false,
  },
  headers_too_large: { status: 431, title: 'The request has too many or too long headers', retry: false },
  rate_limited: { status: 429, title: 'Too many calls; come back after the time in retryAfter', retry: true },
  too_slow: { status: 429, title: 'The subscriber reads too slowly; resume from its cursor', retry: true },
  overloaded: { status: 503, title: 'The hub has more work than it can queue', retry: true },
  unavailable: { status: 503, title: 'The database cannot be reached', retry: true },
  artifact_damaged: {
    status: 500,
    title: 'The stored file fails its integrity check, or its key cannot be unwrapped',
    retry: false,
  },
  internal: { status: 500, title: 'A defect in the hub', retry: true },
} as const satisfies Record<string, { status: number; title: string; retry: boolean }>;

export type RefusalCode = keyof typeof refusals;

/**
 * A refusal as a value. `detail` is for people and models: it quotes no text of the project, and of the caller’s own only
 * what shows. `data` is for programs (the holder, the cycle, the field).
 */
export interface Refusal {
  readonly code: RefusalCode;
  readonly detail?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

export const refusal = (code: RefusalCode, detail?: string, data?: Record<string, unknown>): Refusal => ({
  code,
  ...(detail === undefined ? {} : { detail: escapeHidden(detail) }),
  ...(data === undefined ? {} : { data }),
});

/** RFC 9457 problem document, as REST sends a refusal. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: RefusalCode;
  readonly detail?: string;
  readonly [extension: string]: unknown;
}

export const problemOf = (value: Refusal): Problem => ({
  ...value.data,
  type: `urn:act:problem:${value.code}`,
  title: refusals[value.code].title,
  status: refusals[value.code].status,
  code: value.code,
  ...(value.detail === undefined ? {} : { detail: value.detail }),
});
