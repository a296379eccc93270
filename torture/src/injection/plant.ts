import type { CommandArguments, CommandOutput } from '@agentmix/act-client';
import type { CommandName } from '@agentmix/act-contract';
import type { Scene } from '../scene.ts';
import type { Payload } from './payloads.ts';

export interface Planted {
  /** By field, how many payloads the hub took there; the others it refused. */
  readonly taken: Record<string, number>;
  readonly tried: number;
  /** Whose inbox got the messages, and may ask for it. */
  readonly reader: { readonly agentId: string; readonly sessionId: string };
  /** Tasks that nobody holds and whose every text is a payload. */
  readonly taskIds: readonly string[];
}

const AT_ONCE = 10;

const cut = (text: string, charsMax: number): string =>
  text.slice(0, charsMax).replace(/[\uD800-\uDBFF]$/, '');

const reservedBy = (text: string) => ({ regions: [{ path: cut(text, 500) }], reason: cut(text, 4_096) });

/** Writes every payload into every field that takes text from an agent. */
export const plant = async ({ quiet, projectId }: Scene, all: readonly Payload[]): Promise<Planted> => {
  const taken: Record<string, number> = {};
  let tried = 0;
  const put = async <N extends CommandName>(
    field: string,
    name: N,
    input: CommandArguments<N>,
  ): Promise<CommandOutput<N> | undefined> => {
    tried++;
    const done = await quiet.command(name, projectId, input);
    taken[field] = (taken[field] ?? 0) + (done.ok ? 1 : 0);
    return done.ok ? done.value : undefined;
  };
  const join = async (agentId: string): Promise<string> => {
    const joined = await quiet.command('agent.register', projectId, { agentId, leaseMs: 3_600_000 });
    if (!joined.ok) throw new Error(`${agentId}: ${joined.refusal.code}`);
    return joined.value.sessionId;
  };
  const reader = { agentId: 'reader', sessionId: await join('reader') };
  const taskIds: string[] = [];
  // One speaker: the limits on what several say are tried apart, and would hide what is tried here.
  const sessionId = await join('speaker');
  const plantOne = async ({ text }: Payload, at: number): Promise<void> => {
    const about = { requires: [{ name: cut(text, 100) }], filePaths: [cut(text, 500)] };
    const task = { key: cut(text, 255), title: cut(text, 255), description: text, type: cut(text, 100) };
    const created = await put('task', 'task.create', { ...task, filePaths: about.filePaths });
    if (created) taskIds.push(created.taskId);
    await put('agent', 'agent.register', {
      agentId: `named-${at}`,
      name: cut(text, 100),
      kind: cut(text, 100),
      capabilities: about.requires,
      leaseMs: 3_600_000,
    });
    await put('message', 'message.send', { sessionId, to: 'reader', content: text });
    await put('message in JSON', 'message.send', {
      sessionId,
      to: 'reader',
      content: { [cut(text, 90)]: [text] },
    });
    await put('broadcast', 'update.broadcast', { sessionId, content: text });
    await put('question', 'assistance.request', { sessionId, question: cut(text, 4_096) });
    await put('state', 'state.put', { key: cut(text, 255), value: { text } });
    await put('file', 'file.report', { sessionId, changes: [{ path: cut(text, 500), kind: 'modified' }] });
    await put('conflict', 'conflict.report', {
      conflictType: 'resource_contention',
      involvedAgents: ['reader'],
      description: cut(text, 4_096),
    });
    await put('reservation', 'reservation.request', { sessionId, ...reservedBy(text) });
    await put('milestone', 'project.milestone', { name: cut(text, 255) });
    const held = created && (await quiet.command('task.create', projectId, { title: `held ${at}` }));
    if (!held?.ok) return;
    const { taskId } = held.value;
    const claim = await put('claim', 'task.claim', { sessionId, taskId });
    const holder = { sessionId, taskId, epoch: claim?.epoch ?? 1 };
    const checkpoint = { note: cut(text, 4_096), paths: [cut(text, 500)], branch: cut(text, 100) };
    await put('checkpoint', 'task.progress', { ...holder, note: cut(text, 4_096), checkpoint });
    if (at % 2 === 0) await put('blocked', 'task.block', { ...holder, reason: cut(text, 4_096) });
    else await put('result', 'task.complete', { ...holder, result: { text } });
  };
  for (let first = 0; first < all.length; first += AT_ONCE)
    await Promise.all(all.slice(first, first + AT_ONCE).map((one, at) => plantOne(one, first + at)));
  return { taken, tried, reader, taskIds };
};
