import type { Problem, Refusal, RefusalCode } from '@agentmix/act-contract';

/** What came back for one attempt. `other` is an answer that is no hub's: a proxy's page, a redirect. */
export type Answer =
  | { readonly kind: 'ok'; readonly value: unknown; readonly seq?: number }
  | {
      readonly kind: 'refused';
      readonly refusal: Refusal;
      readonly status: number;
      readonly retryAfterMs?: number;
    }
  | { readonly kind: 'other'; readonly status: number; readonly retryAfterMs?: number };

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isProblem = (value: unknown): value is Problem =>
  isObject(value) && typeof value['code'] === 'string' && typeof value['status'] === 'number';

/** The refusal inside a problem document. A newer hub's code is passed on as it is. */
export const refusalOf = (problem: Problem): Refusal => {
  const { type: _type, title: _title, status: _status, code, detail, ...data } = problem;
  return {
    code: code satisfies RefusalCode,
    ...(detail === undefined ? {} : { detail }),
    ...(Object.keys(data).length === 0 ? {} : { data }),
  };
};

/** Whether the same call may be answered otherwise a little later. Besides the hub's own: a proxy's 502 and 504. */
export const mayPass = (status: number): boolean => status === 429 || status === 408 || status >= 500;

/** Milliseconds of a Retry-After in seconds, which may be fractional; a date is not something the hub sends. */
export const retryAfterMsOf = (header: string | null): number | undefined => {
  const seconds = header === null || header.trim() === '' ? Number.NaN : Number(header);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
};

/** The answer inside the text of a response that is not a success. */
export const refusedAnswer = (
  status: number,
  text: string,
  retryAfter: string | null,
): Exclude<Answer, { kind: 'ok' }> => {
  const retryAfterMs = retryAfterMsOf(retryAfter);
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { kind: 'other', status, ...wait };
  }
  return isProblem(body)
    ? { kind: 'refused', refusal: refusalOf(body), status, ...wait }
    : { kind: 'other', status, ...wait };
};
