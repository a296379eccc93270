import { refusal } from '@agentmix/act-contract';
import type { CommandName, QueryName, Refusal, RefusalCode } from '@agentmix/act-contract';
import type { GraphqlCall } from '@agentmix/act-contract/graphql';
import type { Bearer } from '../../access/access.ts';
import type { Origin } from '../../app/tracing.ts';
import type { Called, Calls } from '../calls.ts';
import type { Follow } from './live/follow.ts';
import { makeLookups } from './schema/lookups.ts';
import type { Lookups } from './schema/lookups.ts';

/** Calls that one answer may take, whatever its document looks like: each counts for the caller’s rate as over REST. */
const CALLS_MAX = 1_000;
const TOO_MANY = refusal('invalid_input', `the answer takes more than ${CALLS_MAX} calls`);

/** Who hears how a call went: metrics, and the log of refusals. */
export type Told = (name: string, code: 'ok' | RefusalCode, seconds: number) => void;

/** Who asks one document, and by what means. */
export interface AskerParts {
  readonly calls: Calls;
  readonly bearer: Bearer;
  /** As calls ask for it. */
  readonly gone: () => AbortSignal;
  readonly origin: Origin;
  readonly told: Told;
  /** Follows a project’s events over the connection. */
  readonly follow: Follow;
  /** The idempotency key of the request’s head: of its one command. */
  readonly commandId?: string | undefined;
}

/** One document’s way to the hub: every field that is more than data is a call of the table, with the caller’s rights. */
export interface Asker {
  readonly query: (name: QueryName, projectId: unknown, input: unknown) => Promise<Called>;
  readonly command: (
    name: CommandName,
    projectId: unknown,
    input: unknown,
    commandId: unknown,
  ) => Promise<Called>;
  readonly follow: Follow;
  readonly lookups: Lookups;
  /** Which project an object of the answer is of. */
  readonly places: WeakMap<object, string>;
  /** The log position that the answer is true at: the last that one of its commands told. */
  readonly seq: () => number | undefined;
  /** Calls that were made. */
  readonly made: () => number;
}

const refused = (value: Refusal): Called => ({ ok: false, refusal: value });

export const makeAsker = (parts: AskerParts): Asker => {
  const { calls, bearer, gone, origin, told, follow, commandId: ofHead } = parts;
  let made = 0;
  let seq: number | undefined;
  const take = async (name: GraphqlCall['name'], run: () => Promise<Called>): Promise<Called> => {
    const started = performance.now();
    const called = ++made > CALLS_MAX ? refused(TOO_MANY) : await run();
    told(name, called.ok ? 'ok' : called.refusal.code, (performance.now() - started) / 1_000);
    if (called.ok && called.seq !== undefined) seq = Math.max(seq ?? 0, called.seq);
    return called;
  };
  const query: Asker['query'] = (name, projectId, input) =>
    take(name, () => calls.query(bearer, name, projectId, input, origin));
  return {
    query,
    command: (name, projectId, input, commandId = ofHead) =>
      take(name, () =>
        calls.command(bearer, name, {
          projectId,
          input,
          ...(commandId === undefined ? {} : { commandId }),
          gone,
          origin,
        }),
      ),
    follow,
    lookups: makeLookups(query),
    places: new WeakMap(),
    seq: () => seq,
    made: () => made,
  };
};
