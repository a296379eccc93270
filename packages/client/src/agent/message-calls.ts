import type { Hub } from '../hub.ts';
import type { Session } from './session.ts';
import type { ActAgent } from './types.ts';

type MessageCalls = Pick<
  ActAgent,
  'sendMessage' | 'broadcastUpdate' | 'inbox' | 'markRead' | 'getState' | 'putState' | 'events'
>;

/** Messages, the shared live state, and the event stream. */
export const makeMessageCalls = (
  hub: Hub,
  projectId: string,
  agentId: string,
  session: Session,
): MessageCalls => ({
  sendMessage: (to, message, options) =>
    session.command('message.send', (sessionId) => ({ ...message, to, sessionId }), options),
  broadcastUpdate: (update, options) =>
    session.command('update.broadcast', (sessionId) => ({ ...update, sessionId }), options),
  inbox: ({ unread, limit, after, ...options } = {}) =>
    hub.query(
      'message.list',
      projectId,
      {
        agentId,
        ...(unread === undefined ? {} : { unread }),
        ...(limit === undefined ? {} : { limit }),
        ...(after === undefined ? {} : { after }),
      },
      options,
    ),
  markRead: (messageIds, options) =>
    session.command('message.read', (sessionId) => ({ sessionId, messageIds: [...messageIds] }), options),
  getState: (key, options) => hub.query('state.get', projectId, { key }, options),
  putState: (key, value, { expectedVersion, ...options } = {}) => {
    const input = { key, value, ...(expectedVersion === undefined ? {} : { expectedVersion }) };
    // The key may be set by a process that is no agent; a session that is over must not speak.
    return session.id === undefined
      ? hub.command('state.put', projectId, input, options)
      : session.command('state.put', (sessionId) => ({ ...input, sessionId }), options);
  },
  events: (cursor, options) =>
    hub.events(projectId, { ...options, ...(cursor === undefined ? {} : { after: cursor }) }),
});
