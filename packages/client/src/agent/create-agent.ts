import type { Refusal } from '@agentmix/act-contract';
import { ActRefused } from '../errors.ts';
import type { Hub } from '../hub.ts';
import type { Keyring } from '../sealed/keyring.ts';
import { makeAssistanceCalls } from './assistance-calls.ts';
import { makeClaimBook } from './claim-book.ts';
import { makeFileCalls } from './file-calls.ts';
import { makeMessageCalls } from './message-calls.ts';
import { makeReservationCalls } from './reservation-calls.ts';
import { makeSealedCalls } from '../sealed/calls.ts';
import { Session } from './session.ts';
import { makeTaskCalls } from './task-calls.ts';
import type { ActAgent, AgentID, CapabilityArguments, TaskID } from './types.ts';

export interface AgentOptions {
  readonly hub: Hub;
  readonly projectId: string;
  readonly agentId: AgentID;
  readonly name?: string;
  /** What runs it: claude-code, codex, cursor, devin, script … */
  readonly kind?: string;
  readonly capabilities?: CapabilityArguments;
  /** The lease to ask for; the hub's answer counts. */
  readonly leaseMs?: number;
  /** Told once for each claim that is over without this agent's doing; work on it should stop. */
  readonly onLeaseLost?: (taskId: TaskID, reason: Refusal) => void;
  /** Told once when the session is over; `register` opens the next one. */
  readonly onSessionLost?: (reason: Refusal) => void;
  /** Whether to renew the lease by itself. Default: true. */
  readonly heartbeat?: boolean;
  /** Its keys for sealed messages, and what it knows of others': `makeKeyring`, or `openKeyFile` of `/key-file`. */
  readonly keyring?: Keyring;
}

/** An agent of a project, not yet registered. */
export const createAgent = (options: AgentOptions): ActAgent => {
  const { hub, projectId, agentId } = options;
  const book = makeClaimBook((taskId, reason) => options.onLeaseLost?.(taskId, reason));
  const session = new Session({
    hub,
    projectId,
    book,
    heartbeat: options.heartbeat ?? true,
    onLost: (reason) => options.onSessionLost?.(reason),
  });
  const fileCalls = makeFileCalls(hub, projectId, agentId, session);
  return {
    agentId,
    get sessionId() {
      return session.id;
    },
    claims: book.claims,
    async register(capabilities = options.capabilities) {
      const { name, kind, leaseMs } = options;
      const result = await hub.command('agent.register', projectId, {
        agentId,
        ...(name === undefined ? {} : { name }),
        ...(kind === undefined ? {} : { kind }),
        ...(capabilities === undefined ? {} : { capabilities }),
        ...(leaseMs === undefined ? {} : { leaseMs }),
      });
      if (!result.ok) throw new ActRefused(`agent ${agentId} was not registered`, result.refusal);
      session.open(result.value);
      await fileCalls.watchAgain();
      return result.value.agentId;
    },
    heartbeat: (callOptions = {}) => session.beat(callOptions),
    async disconnect(callOptions) {
      if (!session.live) return;
      session.close();
      // Refused means that the session is over already, which is what was wanted.
      await session.command('agent.disconnect', (sessionId) => ({ sessionId }), callOptions);
    },
    ...makeTaskCalls(session, book),
    ...makeMessageCalls(hub, projectId, agentId, session),
    ...makeSealedCalls({ hub, projectId, agentId, session, keyring: options.keyring }),
    ...makeReservationCalls(session),
    ...makeAssistanceCalls(hub, projectId, session),
    storeArtifact(source, storeOptions) {
      const sessionId = session.id;
      if (sessionId === undefined) throw new Error('artifact.store: register the agent first');
      return hub.storeArtifact(projectId, source, { ...storeOptions, sessionId });
    },
    deleteArtifact: (artifactId, callOptions) =>
      session.command('artifact.delete', (sessionId) => ({ artifactId, sessionId }), callOptions),
    watchFiles: (patterns, callOptions) => fileCalls.watchFiles(patterns, callOptions),
    reportFileChange: (change, callOptions) => fileCalls.reportFileChange(change, callOptions),
  };
};
