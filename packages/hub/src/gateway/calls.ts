import {
  commands,
  HUB_PROJECT_ID,
  queries,
  refusal,
  urgencyOf,
  Uuid,
  validate,
} from '@agentmix/act-contract';
import type { CommandName, QueryName, Refusal, RefusalCode, Role } from '@agentmix/act-contract';
import type { Caller } from '@agentmix/act-core';
import { isOfHub } from '../access/access.ts';
import type { Access, Bearer } from '../access/access.ts';
import type { RefusedAttempts } from '../access/refused-attempts.ts';
import type { Moved, Vault } from '../app/artifacts/vault.ts';
import { isCommandId } from '../app/command-id.ts';
import type { CoordinationService } from '../app/coordination-service.ts';
import type { Sink, Subscribed } from '../app/fan-out.ts';
import type { CallTrace, Origin } from '../app/tracing.ts';
import type { Gate } from './limits/gate.ts';

export type Called =
  | { readonly ok: true; readonly output: unknown; readonly seq?: number }
  | { readonly ok: false; readonly refusal: Refusal };

export const isCommandName = (name: string): name is CommandName =>
  Object.hasOwn(commands, name) && 'route' in commands[name as CommandName];
export const isQueryName = (name: string): name is QueryName => Object.hasOwn(queries, name);

const refused = (value: Refusal): Extract<Called, { ok: false }> => ({ ok: false, refusal: value });
const invalid = (field: string, message: string): Extract<Called, { ok: false }> =>
  refused(refusal('invalid_input', `${field}: ${message}`, { fields: [{ field, message }] }));

/** A lane gives up sooner. */
const ANSWER_MS_MAX = 8_000;
const STOPPING = refusal('unavailable', 'the hub is stopping', { retryAfter: 1 });

const checkProject = (projectId: unknown): Extract<Called, { ok: false }> | undefined =>
  Uuid.safeParse(projectId).success ? undefined : invalid('projectId', 'must be a UUID');

export interface CommandCall {
  readonly projectId: unknown;
  readonly input: unknown;
  /** The idempotency key; absent: a new command each time. */
  readonly commandId?: unknown;
  /** Ends when nobody waits for the answer any more; asked for by a command that may wait. */
  readonly gone?: (() => AbortSignal) | undefined;
  readonly origin: Origin;
}

/** Calls from any door: allowed by the contract’s roles, checked by its schemas, run by the service. */
export class Calls {
  readonly service: CoordinationService;
  readonly #access: Pick<Access, 'authorize' | 'watch'>;
  readonly #attempts: Pick<RefusedAttempts, 'note'>;
  readonly #gate: Pick<Gate, 'call' | 'project'>;
  #inHand = 0;
  #isClosing = false;
  #onAllAnswered: () => void = () => undefined;

  constructor(
    service: CoordinationService,
    access: Pick<Access, 'authorize' | 'watch'>,
    attempts: Pick<RefusedAttempts, 'note'>,
    gate: Pick<Gate, 'call' | 'project'>,
  ) {
    this.#gate = gate;
    this.service = service;
    this.#access = access;
    this.#attempts = attempts;
  }

  command(bearer: Bearer, name: CommandName, call: CommandCall): Promise<Called> {
    return this.#take(bearer, name, call.origin, (trace) => this.#command(bearer, name, call, trace));
  }

  query(
    bearer: Bearer,
    name: QueryName,
    projectId: unknown,
    input: unknown,
    origin: Origin,
  ): Promise<Called> {
    return this.#take(bearer, name, origin, () => this.#query(bearer, name, projectId, input));
  }

  /** Counts as a call what made none, such as a question that could not be read. */
  charge({ credential }: Bearer): Refusal | undefined {
    return this.#gate.call(credential.memberId);
  }

  /** Takes no more calls, and resolves when those that were taken are answered, or cannot be. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.service.endWaiting();
    if (this.#inHand === 0) return;
    let late: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#onAllAnswered = resolve;
      late = setTimeout(resolve, ANSWER_MS_MAX);
    });
    clearTimeout(late);
  }

  async #take(
    bearer: Bearer,
    name: CommandName | QueryName,
    origin: Origin,
    run: (trace: CallTrace | undefined) => Promise<Called>,
  ): Promise<Called> {
    const limited = this.#isClosing
      ? STOPPING
      : (this.#gate.call(bearer.credential.memberId) ?? this.service.overload.refuse(urgencyOf(name)));
    if (limited) return refused(limited);
    this.#inHand++;
    const span = this.service.tracing?.begin(name, origin);
    let code: 'ok' | RefusalCode = 'internal';
    try {
      const called = await run(span);
      code = called.ok ? 'ok' : called.refusal.code;
      if (!called.ok) this.#attempts.note(bearer.credential, name, called.refusal.code);
      return called;
    } finally {
      span?.end(code);
      if (--this.#inHand === 0) this.#onAllAnswered();
    }
  }

  /** Follows a project’s events for as long as the bearer allows it. */
  async subscribe(
    bearer: Bearer,
    projectId: string,
    after: number | undefined,
    sink: Sink,
  ): Promise<Subscribed> {
    const allowed = this.#access.authorize(bearer, projectId, STREAM_ROLE);
    if (!allowed.ok) {
      this.#attempts.note(bearer.credential, 'event.stream', allowed.refusal.code);
      return { refusal: allowed.refusal };
    }
    const limited =
      this.#gate.call(bearer.credential.memberId) ??
      this.service.overload.refuseStream() ??
      this.#gate.project(projectId);
    if (limited) return { refusal: limited };
    const subscribed = await this.service.subscribe(projectId, after, sink);
    if ('refusal' in subscribed) return subscribed;
    const { subscription } = subscribed;
    const cancel = (): void => {
      unwatch();
      subscription.cancel();
    };
    const unwatch = this.#access.watch(bearer, projectId, STREAM_ROLE, (reason) => {
      subscription.cancel();
      sink.close(reason, subscription.cursor);
    });
    return {
      ...subscribed,
      subscription: {
        get cursor() {
          return subscription.cursor;
        },
        cancel,
      },
    };
  }

  /** Moves the bytes of a file while the bearer may have it moved; `cut` ends it when that is over. */
  async move<T>(
    bearer: Bearer,
    { name, role }: { readonly name: string; readonly role: Role },
    projectId: string,
    work: (vault: Vault) => Promise<Moved<T>>,
    cut: () => void,
  ): Promise<Moved<T>> {
    const allowed = this.#access.authorize(bearer, projectId, role);
    if (!allowed.ok) {
      this.#attempts.note(bearer.credential, name, allowed.refusal.code);
      return allowed;
    }
    const unwatch = this.#access.watch(bearer, projectId, role, cut);
    try {
      return await work(this.service.vault);
    } finally {
      unwatch();
    }
  }

  async #command(
    bearer: Bearer,
    name: CommandName,
    { projectId, input, commandId, gone }: CommandCall,
    trace: CallTrace | undefined,
  ): Promise<Called> {
    if (commandId !== undefined && (typeof commandId !== 'string' || !isCommandId(commandId)))
      return invalid('Idempotency-Key', 'must be a UUID of version 7');
    const isNew = name === 'project.create';
    const wrong = isNew ? undefined : checkProject(projectId);
    if (wrong) return wrong;
    const { role } = commands[name];
    if (!role) return refused(refusal('route_not_found'));
    const asked = isNew ? HUB_PROJECT_ID : String(projectId).toLowerCase();
    const allowed = this.#access.authorize(bearer, asked, role);
    if (!allowed.ok)
      return isNew && allowed.refusal.code === 'project_not_found'
        ? refused(refusal('forbidden', 'only owners of the hub create projects'))
        : allowed;
    const { depth = 0, waitedMs = 0 } = this.service.lanes.peek(asked) ?? {};
    const busy =
      this.#gate.project(asked) ?? this.service.overload.refuseQueued(urgencyOf(name), depth, waitedMs);
    if (busy) return refused(busy);
    const parsed = validate(commands[name].input, input);
    if (!parsed.ok) return parsed;
    // A repeated project.create has to find the project it made: without an id of its own the project takes the command’s.
    const own = (parsed.value as { projectId?: string }).projectId;
    const id = isNew ? (own ?? commandId ?? this.service.newId()).toLowerCase() : asked;
    // The table gave both the schema and the name; TypeScript does not follow that through the index.
    return this.service.command(
      name,
      id,
      parsed.value as never,
      commandId?.toLowerCase() ?? this.service.newId(),
      { caller: allowed.caller, trace, ...(name === 'task.next' && gone ? { signal: gone() } : {}) },
    );
  }

  async #query(bearer: Bearer, name: QueryName, projectId: unknown, input: unknown): Promise<Called> {
    const isList = name === 'project.list';
    const wrong = isList ? undefined : checkProject(projectId);
    if (wrong) return wrong;
    // Whoever is no owner is a member of one project: that is the list.
    const id = isList ? bearer.credential.projectId : String(projectId).toLowerCase();
    const allowed = this.#access.authorize(bearer, id, queries[name].role);
    if (!allowed.ok) return allowed;
    const busy = this.#gate.project(id);
    if (busy) return refused(busy);
    const parsed = validate(queries[name].input, input);
    if (!parsed.ok) return parsed;
    if (isList && !isOfHub(bearer)) return this.#ownProject(id);
    const foreign = await this.#isForeignInbox(allowed.caller, id, name, parsed.value);
    if (foreign) return foreign;
    return this.#ask(name, isList ? '' : id, parsed.value);
  }

  async #ownProject(projectId: string): Promise<Called> {
    const answer = await this.service.query('project.get', projectId, {});
    return answer.ok
      ? { ok: true, output: { items: answer.value === undefined ? [] : [answer.value] } }
      : answer;
  }

  /** An inbox, and what a briefing shows of it, is read by the member that speaks as its agent; where none does, by any agent of the project. */
  async #isForeignInbox(
    caller: Caller,
    projectId: string,
    name: QueryName,
    input: unknown,
  ): Promise<Called | undefined> {
    if (name !== 'message.list' && name !== 'agent.briefing') return undefined;
    const { agentId } = input as { agentId: string };
    const allowed = await this.service.maySpeakAs(projectId, caller.memberId, agentId);
    if (!allowed.ok) return allowed;
    return allowed.value
      ? undefined
      : refused(refusal('not_your_agent', `another member speaks as ${agentId}`));
  }

  async #ask(name: QueryName, id: string, input: unknown): Promise<Called> {
    const answer = await this.service.query(name, id, input as never);
    if (!answer.ok) return answer;
    if (answer.value !== undefined && !(await this.#isEmptyOfUnknownProject(name, id, answer.value)))
      return { ok: true, output: answer.value };
    return refused(await this.#missing(name, id));
  }

  /** A page without items may be that of a project that does not exist. */
  async #isEmptyOfUnknownProject(name: QueryName, projectId: string, value: unknown): Promise<boolean> {
    const { items } = value as { items?: unknown[] };
    if (name === 'project.list' || items === undefined || items.length > 0) return false;
    const project = await this.service.query('project.get', projectId, {});
    return project.ok && project.value === undefined;
  }

  async #missing(name: QueryName, projectId: string): Promise<Refusal> {
    const [own] = queries[name].refusals;
    const project = own ? await this.service.query('project.get', projectId, {}) : undefined;
    return own && project?.ok && project.value
      ? refusal(own)
      : refusal('project_not_found', `no project ${projectId}`);
  }
}

const STREAM_ROLE = 'viewer';
