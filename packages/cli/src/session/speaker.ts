import type {
  Claim,
  CommandArguments,
  CommandName,
  CommandOutput,
  Refusal,
  Result,
} from '@agentmix/act-client';
import { LEASE_MS_MAX } from '@agentmix/act-contract';
import { Failure } from '../cli/failure.ts';
import { valueOf } from '../connection/connect.ts';
import type { ProjectConnection } from '../connection/find-project.ts';
import { refusalFailure } from '../connection/explain-error.ts';
import { checkAgentId, readSession, removeSession, sessionFile, writeSession } from './session-file.ts';
import type { KeptSession } from './session-file.ts';

type Capabilities = readonly { readonly name: string; readonly level: number }[];

/** An agent whose session outlives the process: opened by one command line, used by the next, for an hour each time. */
export interface Speaker {
  readonly connection: ProjectConnection;
  readonly agent: string;
  /** Where its session is kept. */
  readonly file: string;
  /** Told when a session is opened; absent: whatever the kept one was opened with. */
  readonly capabilities?: Capabilities;
}

/** Prepares to speak as an agent; throws a Failure for a name that the contract does not take. */
export const makeSpeaker = (
  connection: ProjectConnection,
  agentText: string,
  capabilities?: Capabilities,
): Speaker => {
  const agent = checkAgentId(agentText);
  const file = sessionFile(connection.dataDir, connection.project.id, agent);
  return { connection, agent, file, ...(capabilities === undefined ? {} : { capabilities }) };
};

const namesOf = (capabilities: Capabilities): string =>
  JSON.stringify(capabilities.map(({ name, level }) => `${name}:${level}`).toSorted());

const without = (grants: KeptSession['grants'], taskId: string): KeptSession['grants'] =>
  Object.fromEntries(Object.entries(grants).filter(([id]) => id !== taskId));

const open = async ({ connection, agent, file, capabilities }: Speaker): Promise<KeptSession> => {
  // Its hooks or its MCP server may have opened one; another would end that one, with the tasks it holds.
  const resume = capabilities === undefined;
  const registered = await connection.command(
    `agent ${agent} was not registered`,
    'agent.register',
    connection.project.id,
    { agentId: agent, kind: 'act', capabilities: [...(capabilities ?? [])], leaseMs: LEASE_MS_MAX, resume },
  );
  const session = { sessionId: registered.sessionId, capabilities: capabilities ?? [], grants: {} };
  await writeSession(file, session);
  return session;
};

/** The kept session, unless the agent now has other capabilities than it was opened with. */
const usable = async (speaker: Speaker): Promise<KeptSession> => {
  const { connection, agent, file, capabilities } = speaker;
  const kept = await readSession(file);
  if (kept && (capabilities === undefined || namesOf(kept.capabilities) === namesOf(capabilities)))
    return kept;
  if (kept && Object.keys(kept.grants).length > 0) {
    const { sessionId } = kept;
    const beat = await connection.hub.command('agent.heartbeat', connection.project.id, { sessionId });
    if (beat.ok && beat.value.held.length > 0)
      throw new Failure(`${agent} holds tasks with other capabilities than these`, {
        code: 'agent_busy',
        hint: 'complete or release them first, or use another --agent',
      });
  }
  return open(speaker);
};

const forget = async (
  file: string,
  session: KeptSession,
  taskId: string,
  refused?: Refusal,
): Promise<void> => {
  if (refused?.code === 'session_expired') await removeSession(file);
  else if (refused === undefined || refused.code === 'stale_epoch')
    await writeSession(file, { ...session, grants: without(session.grants, taskId) });
};

/** Asks for work; opens a session when there is none or the kept one is over. */
export const claimAs = async <N extends 'task.next' | 'task.claim'>(
  speaker: Speaker,
  what: string,
  name: N,
  inputFor: (sessionId: string) => CommandArguments<N>,
  claimOf: (output: CommandOutput<N>) => Claim | undefined,
): Promise<CommandOutput<N>> => {
  const { connection, file } = speaker;
  const { hub, project } = connection;
  let session = await usable(speaker);
  let result = await hub.command(name, project.id, inputFor(session.sessionId));
  if (!result.ok && result.refusal.code === 'session_expired') {
    session = await open(speaker);
    result = await hub.command(name, project.id, inputFor(session.sessionId));
  }
  const output = valueOf(what, result);
  const claim = claimOf(output);
  if (claim)
    await writeSession(file, { ...session, grants: { ...session.grants, [claim.taskId]: claim.epoch } });
  return output;
};

/** Speaks as the agent, of no task; opens a session when there is none or the kept one is over. */
export const speakAs = async <T>(
  speaker: Speaker,
  call: (sessionId: string) => Promise<Result<T>>,
): Promise<Result<T>> => {
  const result = await call((await usable(speaker)).sessionId);
  if (result.ok || result.refusal.code !== 'session_expired') return result;
  return call((await open(speaker)).sessionId);
};

/** Says something in the session of an agent. */
export type Speak = <T>(agent: string, call: (sessionId: string) => Promise<Result<T>>) => Promise<Result<T>>;

/** A hub’s project, and how agents are heard there. */
export interface Voice {
  readonly connection: ProjectConnection;
  readonly speak: Speak;
}

/** Speaks as any agent, each in a session of its own that is opened when it is needed. */
export const makeSpeak =
  (connection: ProjectConnection): Speak =>
  (agent, call) =>
    speakAs(makeSpeaker(connection, agent), call);

/** Speaks as the holder of a task, by the grant that was kept; after the last word the grant is forgotten. */
export const holdAs = async <N extends CommandName>(
  speaker: Speaker,
  what: string,
  name: N,
  taskId: string,
  inputFor: (holder: { sessionId: string; taskId: string; epoch: number }) => CommandArguments<N>,
  isLast: boolean,
): Promise<CommandOutput<N>> => {
  const { connection, agent, file } = speaker;
  const session = await readSession(file);
  const epoch = session?.grants[taskId];
  if (!session || epoch === undefined)
    throw new Failure(`${what}: ${agent} holds no claim of this task`, {
      code: 'stale_epoch',
      hint: `claim it first: act task claim TASK --agent ${agent}`,
    });
  const input = inputFor({ sessionId: session.sessionId, taskId, epoch });
  const result = await connection.hub.command(name, connection.project.id, input);
  if (!result.ok) {
    await forget(file, session, taskId, result.refusal);
    throw refusalFailure(what, result.refusal);
  }
  if (isLast) await forget(file, session, taskId);
  return result.value;
};
