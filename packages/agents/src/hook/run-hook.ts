import { basename } from 'node:path';
import { agentIdOf, FAIL_OPENS_PREFIX } from '@agentmix/act-contract/agent-identity';
import type { Dialect, Happening, Moment, Reply, Written } from '../happening.ts';
import { isFields } from '../payload.ts';
import { Unreadable } from '../happening.ts';
import { callHub } from './call-hub.ts';
import type { HubAccess } from './call-hub.ts';
import { noteFailOpen, takeFailOpens } from './fail-opens.ts';
import { endIdle, waitIdle } from './idle.ts';
import { forgetSession, readSession, sessionFile } from './kept-session.ts';
import { handlers } from './moments.ts';
import type { HookContext } from './moments.ts';
import { findPlace } from './place.ts';
import type { Place } from './place.ts';
import { forgetPredictions } from './predictions.ts';
import { failOpenText } from './texts.ts';
import { beginWatching, prepareWatching, watcherOf } from './watcher.ts';

/** The client kills a hook after 3 s: before that it must have noted that it failed open. */
const HOOK_MS_MAX = 2_500;
/** Nobody waits for that. */
const DISCONNECT_MS_MAX = 10_000;

export interface HookCall {
  readonly client: string;
  readonly moment: Moment;
  readonly dialect: Dialect;
  /** What the client wrote on stdin. */
  readonly input: string;
  /** The user's home directory. */
  readonly home: string;
  /** The process's own working directory, where the payload says none. */
  readonly cwd: string;
  readonly now: () => Date;
  /** The process that called this one. */
  readonly clientId: () => number;
  /** The program itself, to be started again for what must outlive the client. */
  readonly program: string;
  /** Called after a call that had something to do, whose client has not been answered yet. */
  readonly onServed: () => void;
}

const NOTHING: Written = { exitCode: 0 };

const parse = (input: string): Readonly<Record<string, unknown>> => {
  let payload: unknown;
  try {
    payload = JSON.parse(input);
  } catch (error) {
    throw new Unreadable(`stdin is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (isFields(payload)) return payload;
  throw new Unreadable('stdin is no JSON object');
};

const accessTo = ({ project }: Place, withinMs: number): HubAccess => ({
  url: project.url,
  key: project.key,
  projectId: project.projectId,
  now: Date.now,
  until: Date.now() + withinMs,
});

const contextOf = (call: HookCall, place: Place, { session, subagent }: Happening): HookContext => {
  const agentId = agentIdOf(call.client, session, subagent);
  return {
    hub: accessTo(place, HOOK_MS_MAX),
    identity: {
      agentId,
      client: call.client,
      name: `${call.client} in ${basename(place.top)}`.slice(0, 100),
    },
    sessionFile: sessionFile(call.home, place.project.projectId, agentId),
    place,
    reporter: () => watcherOf(call.home, place.top)?.agentId ?? agentId,
    isHeard: call.dialect.tellsAt.includes(call.moment),
  };
};

/** Tells the hub that the session is over, from a process of its own: the client leaves its hooks 1.5 s for all of them. */
const end = async (call: HookCall, { place, sessionFile: file }: HookContext): Promise<void> => {
  const sessionId = readSession(file);
  if (sessionId === undefined) return;
  forgetSession(file);
  forgetPredictions(file);
  const { spawn } = await import('node:child_process');
  const words = [call.program, 'disconnect', place.top, sessionId];
  spawn(process.execPath, words, { detached: true, stdio: 'ignore' }).unref();
};

/** What `end` starts. */
export const disconnect = async (top: string, sessionId: string, home: string): Promise<void> => {
  const place = findPlace(top, home);
  if (place) await callHub(accessTo(place, DISCONNECT_MS_MAX), 'agent.disconnect', { sessionId });
};

/** With the hub back, it and the agent learn what went unchecked while it was away. */
const tellFailOpens = async (
  call: HookCall,
  { hub, place, identity, isHeard }: HookContext,
): Promise<string | undefined> => {
  if (!isHeard) return undefined;
  const failOpens = takeFailOpens(call.home, place.project.projectId);
  const [first] = failOpens;
  if (!first) return undefined;
  const value = {
    count: failOpens.length,
    since: first.at,
    until: failOpens.at(-1)?.at ?? first.at,
    reason: first.reason,
  };
  await callHub(hub, 'state.put', { key: `${FAIL_OPENS_PREFIX}${identity.agentId}`, value });
  return failOpenText(failOpens);
};

const withNews = (reply: Reply, news: string | undefined): Reply =>
  news === undefined
    ? reply
    : { ...reply, context: reply.context === undefined ? news : `${reply.context}\n\n${news}` };

const handle = async (call: HookCall, place: Place, happening: Happening): Promise<Reply> => {
  if (call.moment === 'idle') {
    const look = () => {
      const now = findPlace(place.top, call.home);
      return now && contextOf(call, now, happening);
    };
    return waitIdle(look, call.clientId);
  }
  const context = contextOf(call, place, happening);
  // At a stop the waiting begins, at the same time.
  if (call.moment !== 'stop') endIdle(context.sessionFile);
  if (call.moment === 'end') {
    await end(call, context);
    return {};
  }
  const before = readSession(context.sessionFile);
  const replying = handlers[call.moment](context, happening);
  if (call.moment === 'start') prepareWatching(call.home, place);
  const reply = await replying;
  // A client without a moment for it, or one that was away for longer than its lease, begins a session with an edit.
  if (call.moment === 'start' || readSession(context.sessionFile) !== before)
    await beginWatching(call.home, place, context.identity.agentId, call.clientId());
  return withNews(reply, await tellFailOpens(call, context));
};

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message || error.name : String(error);

/** The folder that the payload names, wherever in it a flaw may be. */
const folderOf = (input: string, cwd: string): string => {
  try {
    const { cwd: told } = parse(input);
    return typeof told === 'string' && told !== '' ? told : cwd;
  } catch {
    return cwd;
  }
};

/**
 * One hook call from its client's words to its client's words. Never throws and never denies for a fault of its own:
 * what goes wrong is counted and said on stderr, and the client goes on.
 */
export const runHook = async (call: HookCall): Promise<Written> => {
  const place = findPlace(folderOf(call.input, call.cwd), call.home);
  if (!place) return NOTHING;
  try {
    const happening = call.dialect.read(call.moment, parse(call.input));
    if (!happening) return NOTHING;
    const written = call.dialect.write(call.moment, await handle(call, place, happening));
    call.onServed();
    return written;
  } catch (error) {
    const reason = reasonOf(error);
    const { client, moment } = call;
    noteFailOpen(call.home, place.project.projectId, {
      at: call.now().toISOString(),
      client,
      moment,
      reason,
    });
    return { exitCode: 0, stderr: `act-hook ${client} ${moment}: ${reason}; it goes on unchecked\n` };
  }
};
