import { AgentId, HUB_PROJECT_ID, LEASE_MS_MAX, refusal, Uuid } from '@agentmix/act-contract';
import type {
  CommandArguments,
  CommandName,
  CommandOutput,
  QueryArguments,
  QueryName,
  QueryOutput,
  Refusal,
} from '@agentmix/act-contract';
import type { IncomingHttpHeaders } from 'node:http';
import type { Bearer } from '../../access/access.ts';
import type { Origin } from '../../app/tracing.ts';
import type { Calls } from '../calls.ts';

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal };

/** What the head of a request says of who calls. */
export interface Caller {
  readonly calls: Calls;
  readonly bearer: Bearer;
  /** The project of the token, or of the header where an owner of the hub calls. */
  readonly projectId: string | undefined;
  /** Absent: each call of a tool names its agent. */
  readonly agentId: string | undefined;
  /** One per call as its sender knows it, so that sending it again does nothing twice. */
  readonly commandId: string | undefined;
  readonly signal: AbortSignal;
  readonly origin: Origin;
}

/** An agent that calls tools: it speaks in its session, which is opened when there is none. */
export interface Speaker {
  readonly agentId: string;
  readonly projectId: string;
  /** Epoch milliseconds of the database’s clock. */
  readonly now: () => number;
  /** The call’s own command id, if its sender gave one. */
  readonly commandId: string | undefined;
  readonly query: <N extends QueryName>(name: N, input: QueryArguments<N>) => Promise<Result<QueryOutput<N>>>;
  readonly command: <N extends CommandName>(
    name: N,
    input: CommandArguments<N>,
    commandId?: string,
  ) => Promise<Result<CommandOutput<N>>>;
  /** Runs with the live session, and once more with a new one when it ended meanwhile. */
  readonly inSession: <T>(work: (sessionId: string) => Promise<Result<T>>) => Promise<Result<T>>;
}

const headerOf = (headers: IncomingHttpHeaders, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** Reads who calls; what the headers say wrongly is refused by name. */
export const readCaller = (
  calls: Calls,
  bearer: Bearer,
  headers: IncomingHttpHeaders,
  signal: AbortSignal,
): Result<Caller> => {
  const own = bearer.credential.projectId;
  const projectId = headerOf(headers, 'act-project') ?? (own === HUB_PROJECT_ID ? undefined : own);
  const agentId = headerOf(headers, 'act-agent') ?? bearer.credential.agentId;
  if (projectId !== undefined && !Uuid.safeParse(projectId).success)
    return { ok: false, refusal: refusal('invalid_input', 'act-project: must be a UUID') };
  if (agentId !== undefined && !AgentId.safeParse(agentId).success)
    return { ok: false, refusal: refusal('invalid_input', 'act-agent: must be the name of an agent') };
  const commandId = headerOf(headers, 'idempotency-key');
  const origin = { door: 'mcp', carrier: headers };
  return { ok: true, value: { calls, bearer, projectId, agentId, commandId, signal, origin } };
};

/** The one way into a session: the live one, whoever opened it, or a new one. */
const openSession = async (speaker: Omit<Speaker, 'inSession'>): Promise<Result<string>> => {
  const { agentId } = speaker;
  const [kind] = agentId.split(':');
  const registered = await speaker.command('agent.register', {
    agentId,
    ...(agentId.includes(':') && kind ? { kind } : {}),
    // Between two calls a model may think, or its person may be asked, for long.
    leaseMs: LEASE_MS_MAX,
    resume: true,
  });
  return registered.ok ? { ok: true, value: registered.value.sessionId } : registered;
};

/** Makes the caller speak as an agent. */
export const makeSpeaker = (caller: Caller, projectId: string, agentId: string): Speaker => {
  const { calls, bearer, signal, origin } = caller;
  const outside: Omit<Speaker, 'inSession'> = {
    agentId,
    projectId,
    now: () => calls.service.clock.now(),
    commandId: caller.commandId,
    // The doors’ calls check by the contract and answer what it says; TypeScript cannot follow that through the names.
    query: async (name, input) => {
      const called = await calls.query(bearer, name, projectId, input, origin);
      return called.ok ? { ok: true, value: called.output as QueryOutput<typeof name> } : called;
    },
    command: async (name, input, commandId) => {
      const called = await calls.command(bearer, name, {
        projectId,
        input,
        ...(commandId === undefined ? {} : { commandId }),
        gone: () => signal,
        origin,
      });
      return called.ok ? { ok: true, value: called.output as CommandOutput<typeof name> } : called;
    },
  };
  return {
    ...outside,
    inSession: async (work) => {
      const session = await openSession(outside);
      if (!session.ok) return session;
      const done = await work(session.value);
      if (done.ok || done.refusal.code !== 'session_expired') return done;
      const next = await openSession(outside);
      return next.ok ? work(next.value) : next;
    },
  };
};
