import { HubCaller } from '../load/hub-caller.ts';
import type { LaunchedHub } from '../load/launch-hub.ts';
import { registerAgents } from '../load/project.ts';
import { SocketSubscriber } from '../load/socket-subscriber.ts';
import { SseSubscriber } from '../load/sse-subscriber.ts';
import type { SubscriberEvents } from '../load/crowd.ts';

const LEASE_MS = 30_000;
const HEARTBEAT_MS = LEASE_MS / 3;

export interface Agents {
  sessions: string[];
  /** Frames received by all of them. */
  readonly frames: number;
  /** Throws when a stream was lost or a heartbeat refused. */
  check: () => void;
  leave: () => void;
}

/**
 * Agents as they are connected in practice, each with a session, a stream of the project and a heartbeat every third
 * of its lease: the even ones on SSE with a keep-alive connection for calls, the odd ones on one Socket.IO connection.
 */
export async function connectAgents(hub: LaunchedHub, projectId: string, count: number): Promise<Agents> {
  let frames = 0;
  let lost: Error | undefined;
  const events: SubscriberEvents = {
    onFrame: () => void (frames += 1),
    onLost: (error) => void (lost ??= error),
  };
  const first = await HubCaller.open(hub);
  const sessions = await registerAgents(first, projectId, count, LEASE_MS);
  first.close();
  const leaving: (() => void)[] = [];
  for (const [number, sessionId] of sessions.entries()) {
    const beat =
      number % 2 === 0
        ? await joinBySse(hub, projectId, sessionId, events, leaving)
        : await joinBySocket(hub, projectId, sessionId, events, leaving);
    const report = (error: unknown): void =>
      void (lost ??= error instanceof Error ? error : new Error(String(error)));
    // Spread over the third of a lease, as agents that came one by one are.
    const start = setTimeout(
      () => {
        const timer = setInterval(() => void beat().catch(report), HEARTBEAT_MS);
        leaving.push(() => clearInterval(timer));
        void beat().catch(report);
      },
      (HEARTBEAT_MS * number) / count,
    );
    leaving.push(() => clearTimeout(start));
  }
  return {
    sessions,
    get frames() {
      return frames;
    },
    check: () => {
      if (lost) throw lost;
    },
    leave: () => leaving.forEach((leave) => leave()),
  };
}

type Beat = () => Promise<unknown>;

async function joinBySse(
  hub: LaunchedHub,
  projectId: string,
  sessionId: string,
  events: SubscriberEvents,
  leaving: (() => void)[],
): Promise<Beat> {
  const stream = await SseSubscriber.open(hub, projectId, events);
  const caller = await HubCaller.open(hub);
  leaving.push(
    () => stream.close(),
    () => caller.close(),
  );
  return () => caller.command('agent.heartbeat', projectId, { sessionId });
}

async function joinBySocket(
  hub: LaunchedHub,
  projectId: string,
  sessionId: string,
  events: SubscriberEvents,
  leaving: (() => void)[],
): Promise<Beat> {
  const socket = await SocketSubscriber.open(hub, projectId, events);
  leaving.push(() => socket.close());
  return () => socket.call('command', { name: 'agent.heartbeat', projectId, input: { sessionId } });
}
