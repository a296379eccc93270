import { MESSAGE_TYPES, PAGE_ITEMS_MAX, URGENCIES } from '@agentmix/act-contract';
import { envelope, messagePart } from '@agentmix/act-contract/agents-text';
import { oneOf } from '../access/access-options.ts';
import { defineCommand, jsonOption } from '../cli/command.ts';
import type { Group } from '../cli/command.ts';
import { connectProject, projectOptions } from '../connection/find-project.ts';
import { valueOf } from '../connection/connect.ts';
import { agentOf, agentOption } from '../session/agent-option.ts';
import { makeSpeaker, speakAs } from '../session/speaker.ts';

const send = defineCommand({
  name: 'message send',
  summary: 'Send a message to another agent of the project.',
  positionals: [
    { name: 'AGENT', summary: 'its name, as act status shows it' },
    { name: 'TEXT', summary: 'what it should know' },
  ],
  options: {
    type: { type: 'string', hint: MESSAGE_TYPES.join('|'), summary: 'info when not given' },
    urgency: { type: 'string', hint: URGENCIES.join('|'), summary: 'medium when not given' },
    thread: { type: 'string', hint: 'ID', summary: 'the message that began the thread' },
    ...agentOption,
    ...projectOptions,
    ...jsonOption,
  },
  examples: ['act message send codex:01a2 "line 40 is yours now" --urgency high'],
  async run({ values, positionals: [to = '', content = ''], output, surroundings }) {
    const messageType = oneOf(values.type, 'type', MESSAGE_TYPES);
    const urgency = oneOf(values.urgency, 'urgency', URGENCIES);
    const connection = await connectProject(values, surroundings);
    const speaker = makeSpeaker(connection, agentOf(values.agent, surroundings.env));
    const sent = await speakAs(speaker, (sessionId) =>
      connection.hub.command('message.send', connection.project.id, {
        sessionId,
        to,
        content,
        ...(messageType === undefined ? {} : { messageType }),
        ...(urgency === undefined ? {} : { urgency }),
        ...(values.thread === undefined ? {} : { threadId: values.thread }),
      }),
    );
    const told = valueOf('the message was not sent', sent);
    output.json(told);
    output.line(`${told.messageId} is in the inbox of ${to}`);
  },
});

const inbox = defineCommand({
  name: 'message inbox',
  summary: 'The unread messages of an agent; they are read thereby.',
  options: { ...agentOption, ...projectOptions, ...jsonOption },
  async run({ values, output, surroundings }) {
    const connection = await connectProject(values, surroundings);
    const { query, project, hub } = connection;
    const agentId = agentOf(values.agent, surroundings.env);
    const input = { agentId, unread: true, limit: PAGE_ITEMS_MAX };
    const { items: messages } = await query('the messages', 'message.list', project.id, input);
    output.json({ messages });
    output.line(messages.length === 0 ? 'nothing new' : envelope(messages.map(messagePart)));
    if (messages.length === 0) return;
    const messageIds = messages.map(({ id }) => id);
    const read = await speakAs(makeSpeaker(connection, agentId), (sessionId) =>
      hub.command('message.read', project.id, { sessionId, messageIds }),
    );
    valueOf('the messages are still unread', read);
  },
});

export const message: Group = {
  kind: 'group',
  name: 'message',
  summary: 'Messages between the agents of a project.',
  entries: {
    send: { summary: 'send one', load: () => Promise.resolve(send) },
    inbox: { summary: 'the unread ones, which are read thereby', load: () => Promise.resolve(inbox) },
  },
};
