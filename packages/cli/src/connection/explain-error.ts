import { refusals } from '@agentmix/act-contract';
import type { Refusal, RefusalCode } from '@agentmix/act-contract';
import { ActRefused, ActUnavailable } from '@agentmix/act-client';
import { EXIT, Failure } from '../cli/failure.ts';

const HINTS: Partial<Record<RefusalCode, string>> = {
  unauthorized:
    'set ACT_TOKEN_FILE to the hub’s key file (act up prints where it lies), or ACT_TOKEN to the key',
  forbidden_host: 'start the hub with ACT_ALLOWED_HOSTS set to the name you call it by',
  project_not_found: 'see: act project list',
  project_archived: 'see: act project list',
  member_not_found: 'see: act member list',
  api_key_not_found: 'see: act key list',
  agent_taken: 'see who speaks as it: act member list',
  task_not_found: 'see: act task list',
  task_not_ready: 'see what it waits for: act task show TASK',
  stale_epoch: 'the work was given to someone else or taken back; ask for other work: act task next',
  session_expired: 'ask again: act task next or act task claim opens a new session',
  task_not_failed: 'see its status: act task show TASK',
  task_not_blocked: 'see its status: act task show TASK',
  limit_reached: 'raise the limit in the project’s settings, or close what is done',
  rate_limited: 'try again after the time it tells',
  artifact_not_found: 'see: act artifact list',
  artifact_damaged: 'see the hub’s log; was its master key changed?',
  overloaded: 'try again in a moment',
  unavailable: 'see the hub’s log',
};

/** A refusal as one line, with what to do about it. */
export const refusalFailure = (what: string, refusal: Refusal): Failure => {
  // A newer hub may know codes that this release does not.
  const title = Object.hasOwn(refusals, refusal.code) ? refusals[refusal.code].title : refusal.code;
  const hint = HINTS[refusal.code];
  const text = refusal.detail ?? title.charAt(0).toLowerCase() + title.slice(1);
  return new Failure(`${what}: ${text} (${refusal.code})`, {
    code: refusal.code,
    ...(hint === undefined ? {} : { hint }),
    ...(refusal.data === undefined ? {} : { data: { data: refusal.data } }),
  });
};

const systemCode = (error: unknown): string | undefined => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
};

/** What Node calls a certificate whose authority it does not know. */
const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

const innermost = ({ cause }: ActUnavailable): unknown =>
  cause instanceof Error && cause.cause !== undefined ? cause.cause : cause;

const isUntrusted = (error: ActUnavailable): boolean => UNTRUSTED.has(systemCode(innermost(error)) ?? '');

const causeText = (error: ActUnavailable): string => {
  const inner = innermost(error);
  if (isUntrusted(error)) return 'its certificate is of no authority that is trusted here';
  switch (systemCode(inner)) {
    case 'ECONNREFUSED':
      return 'nothing listens there';
    case 'ENOTFOUND':
      return 'there is no host of this name';
    case undefined:
      return inner instanceof Error ? inner.message : error.message;
    default:
      return String(systemCode(inner));
  }
};

/** No hub, or none that answers. */
export const unreachableFailure = (url: string, error: ActUnavailable): Failure =>
  error.refusal === undefined
    ? new Failure(`no hub answers at ${url}: ${causeText(error)}`, {
        exitCode: EXIT.unreachable,
        code: 'unreachable',
        hint: isUntrusted(error)
          ? 'set NODE_EXTRA_CA_CERTS to the PEM file of the authority'
          : 'start one with: act up\nor say where it is: --url or ACT_URL',
      })
    : new Failure(`the hub at ${url} cannot answer: ${error.refusal.detail ?? error.refusal.code}`, {
        exitCode: EXIT.unreachable,
        code: error.refusal.code,
        hint: 'see the hub’s log',
      });

/** Anything else that was thrown, as a failure. */
export const explainError = (error: unknown): Failure => {
  if (error instanceof ActRefused)
    return refusalFailure(error.message.split(':')[0] ?? 'refused', error.refusal);
  if (error instanceof ActUnavailable)
    return new Failure(error.message, {
      exitCode: EXIT.unreachable,
      code: 'unreachable',
      hint: 'start a hub with: act up\nor say where it is: --url or ACT_URL',
    });
  if (!(error instanceof Error)) return new Failure(String(error));
  if (error.name === 'PlanError') return new Failure(error.message, { code: 'plan_unreadable' });
  const code = systemCode(error);
  if (code !== undefined && /^E[A-Z]+$/.test(code)) return new Failure(error.message, { code });
  return new Failure(error.message || error.name, {
    code: 'defect',
    hint: 'this looks like a defect of act: run it again with ACT_DEBUG=1 and report what it prints',
    origin: error,
  });
};
