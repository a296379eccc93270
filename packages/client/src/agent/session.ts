import { refusal } from '@agentmix/act-contract';
import type { CommandArguments, CommandName, CommandOutput, Refusal } from '@agentmix/act-contract';
import type { CallOptions } from '../call-hub.ts';
import type { Hub } from '../hub.ts';
import type { Result } from '../result.ts';
import type { ClaimBook } from './claim-book.ts';
import { startHeartbeats } from './heartbeats.ts';
import type { Heartbeats } from './heartbeats.ts';
import type { AgentStatus } from './types.ts';

export interface SessionOptions {
  readonly hub: Hub;
  readonly projectId: string;
  readonly book: ClaimBook;
  readonly heartbeat: boolean;
  readonly onLost: (reason: Refusal) => void;
}

/** An agent's session: it owns the heartbeats, speaks in the session's name, and notices when it is over. */
export class Session {
  readonly #options: SessionOptions;
  #id: string | undefined;
  #over = false;
  #heartbeats: Heartbeats | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get id(): string | undefined {
    return this.#id;
  }

  /** Whether the hub, as far as is known, still has the session. */
  get live(): boolean {
    return this.#id !== undefined && !this.#over;
  }

  open(opened: CommandOutput<'agent.register'>): void {
    this.#heartbeats?.stop();
    this.#options.book.loseAll(refusal('session_expired', 'the agent registered anew'));
    this.#id = opened.sessionId;
    this.#over = false;
    if (this.#options.heartbeat)
      this.#heartbeats = startHeartbeats(opened.leaseMs, (timeoutMs) => this.#beatInBackground(timeoutMs));
  }

  async #beatInBackground(timeoutMs: number): Promise<'live' | 'over'> {
    const status = await this.beat({ timeoutMs, background: true });
    // Another refusal, say of a revoked token, may be lifted while the lease still runs.
    return status.status === 'offline' && status.refusal.code === 'session_expired' ? 'over' : 'live';
  }

  /** Speaks for the session that is open now. Throws before the first registration: that is a mistake. */
  async command<N extends CommandName>(
    name: N,
    inputFor: (sessionId: string) => CommandArguments<N>,
    options: CallOptions = {},
  ): Promise<Result<CommandOutput<N>>> {
    const id = this.#id;
    if (id === undefined) throw new Error(`${name}: register the agent first`);
    const result = await this.#options.hub.command(name, this.#options.projectId, inputFor(id), options);
    if (!result.ok && result.refusal.code === 'session_expired') this.#end(id, result.refusal);
    return result;
  }

  #end(id: string, reason: Refusal): void {
    // A late answer to a session before this one says nothing about this one.
    if (id !== this.#id || this.#over) return;
    this.#over = true;
    this.#heartbeats?.stop();
    this.#options.book.loseAll(reason);
    queueMicrotask(() => this.#options.onLost(reason));
  }

  async beat(options: CallOptions): Promise<AgentStatus> {
    const { book } = this.#options;
    const id = this.#id;
    const mark = book.mark();
    const result = await this.command('agent.heartbeat', (sessionId) => ({ sessionId }), options);
    if (!result.ok) return { status: 'offline', refusal: result.refusal };
    if (id === this.#id) book.reconcile(result.value.held, mark);
    return { status: result.value.held.length === 0 ? 'idle' : 'working', ...result.value };
  }

  /** Ends the session here; the hub is told by the caller. */
  close(): void {
    this.#heartbeats?.stop();
    this.#over = true;
    for (const claim of this.#options.book.claims.values()) this.#options.book.forget(claim);
  }
}
