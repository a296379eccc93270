import { isToolName, readEnvelope, tools } from '@agentmix/act-contract';
import { uuidv7 } from 'uuidv7';
import type { Scene } from '../scene.ts';
import type { Judge } from './judge.ts';
import type { Planted } from './plant.ts';

type Json = Readonly<Record<string, unknown>>;
interface Told {
  readonly text: string;
  readonly facts: Json;
}

const TASKS_READ = 40;
const INBOX_READS_MAX = 400;

/** A tool called as a model’s client calls it. */
const callTool = async ({ hub, projectId }: Scene, agentId: string, name: string, given: object) => {
  const response = await fetch(`${hub.url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${hub.token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'act-project': projectId,
      'act-agent': agentId,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: given } }),
  });
  const body = (await response.text()).replace(/^[\s\S]*?^data: (?=\{)/m, '');
  // The form of a result as the protocol has it.
  const { result } = JSON.parse(body) as {
    result: { content: { text: string }[]; structuredContent: Json };
  };
  return { text: result.content[0]?.text ?? '', facts: result.structuredContent } satisfies Told;
};

/** An answer: what is quoted is an envelope, the rest is the hub’s own, and the text says the same as the structure. */
const judgeTold = (judge: Judge, door: string, { text, facts }: Told): void => {
  const { quoted, ...own } = facts;
  judge.ours(door, JSON.stringify(own));
  if (typeof quoted !== 'string') return judge.ours(door, text);
  judge.envelope(door, quoted);
  judge.ours(`${door}, around the envelope`, text.replace(quoted, ''));
};

/** Reads everything that was planted back through every tool that agents have; answers which tools. */
export const readTools = async (
  scene: Scene,
  planted: Planted,
  key: string,
  judge: Judge,
): Promise<string[]> => {
  const called = new Set<string>();
  const call = async (agentId: string, name: string, given: object = {}): Promise<Json> => {
    const told = await callTool(scene, agentId, name, given);
    called.add(name);
    judgeTold(judge, name, told);
    return told.facts;
  };
  const { agentId } = planted.reader;
  let read: string[] = [];
  for (let round = 0; round < INBOX_READS_MAX; round++) {
    const inbox = await call(agentId, 'act_inbox', read.length > 0 ? { read } : {});
    if (inbox['unread'] === 0) break;
    const { parts = [] } = readEnvelope(String(inbox['quoted'])) ?? {};
    read = parts.flatMap(({ provenance: { id, to } }) => (id !== undefined && to === agentId ? [id] : []));
  }
  await call(agentId, 'act_status');
  for (const taskId of planted.taskIds.slice(0, TASKS_READ)) {
    let from: unknown = 0;
    while (from !== undefined)
      from = (await call(agentId, 'act_status', { taskId, from }))['descriptionFrom'];
    await call('worker', 'act_next', { taskId });
    await call('other', 'act_next', { taskId });
    await call('worker', 'act_progress', { taskId, question: 'how?', requires: [{ name: 'rare' }] });
    await call('worker', 'act_release', { taskId });
    await call('worker', 'act_complete', { taskId });
    await call('worker', 'act_message', { key: uuidv7(), to: agentId, text: 'hello', taskId });
  }
  // In the way of every region that was planted, then beside them, then without anything of its own.
  await call('worker', 'act_reserve', { regions: [{ pattern: '**' }] });
  await call('worker', 'act_reserve', { regions: [{ pattern: '**' }], wait: true });
  await call('worker', 'act_free');
  const tasks = [
    { key, title: 'there already' },
    { key: 'new', title: 'new', dependsOn: [`no ${key}`.slice(0, 200)] },
  ];
  await call('worker', 'act_plan', { tasks });
  return Object.keys(tools).filter((name) => isToolName(name) && called.has(name));
};
