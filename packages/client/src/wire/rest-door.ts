import { HEADERS } from './names.ts';
import { refusedAnswer } from './problem.ts';
import { requestOf } from './request.ts';
import type { Door } from './door.ts';
import type { Speaker } from './speaker.ts';

/** Calls over REST. `fetch` keeps the connections alive and shares them among all calls of the process. */
export const makeRestDoor = (speaker: Speaker): Door => ({
  describe(call) {
    const { method, target } = requestOf(call);
    return `${call.name} (${method} ${speaker.url}${target})`;
  },
  async attempt(call, commandId, signal) {
    const request = requestOf(call);
    const response = await speaker.send(request.target, {
      method: request.method,
      headers: {
        ...call.traceHeaders,
        accept: 'application/json',
        ...(commandId === undefined ? {} : { [HEADERS.idempotencyKey]: commandId }),
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(request.body === undefined ? {} : { body: request.body }),
      signal,
    });
    const text = await response.text();
    if (response.status !== 200)
      return refusedAnswer(response.status, text, response.headers.get(HEADERS.retryAfter));
    const seq = response.headers.get(HEADERS.seq);
    return { kind: 'ok', value: JSON.parse(text), ...(seq === null ? {} : { seq: Number(seq) }) };
  },
  close() {},
});
