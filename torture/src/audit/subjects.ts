import { randomBytes } from 'node:crypto';
import { connectHub } from '@agentmix/act-client';
import type { Hub } from '@agentmix/act-client';
import { uuidv7 } from 'uuidv7';
import type { Scene } from '../scene.ts';

/** A person of the project. */
export interface Subject {
  readonly memberId: string;
}

/** What every personal word of a run begins with: one thing to look for, however many people there are. */
export const MARK = `canary${randomBytes(12).toString('hex')}`;

const must = <T>(result: Awaited<ReturnType<Hub['command']>>, what: string): T => {
  if (!result.ok) throw new Error(`${what}: ${result.refusal.code} ${result.refusal.detail ?? ''}`);
  return result.value as T;
};

/** Makes a person with a name and an agent, who gives the agent another name and writes and gets messages. */
export const addSubject = async (
  scene: Scene,
  number: number,
  mate: { sessionId: string },
): Promise<Subject> => {
  const { projectId, quiet, hub } = scene;
  const memberId = uuidv7();
  const agentId = `person-${number}`;
  const word = (what: string): string => `${MARK} ${what} ${number}`;
  const member = { memberId, kind: 'human', role: 'agent', agentId, name: word('name') } as const;
  must(await quiet.command('member.put', projectId, member), 'no member');
  const made: { key: string } = must(await quiet.command('key.create', projectId, { memberId }), 'no key');
  const own = connectHub({ url: hub.url, token: made.key });
  try {
    const person = { agentId, name: word('display'), leaseMs: 3_600_000 };
    const { sessionId }: { sessionId: string } = must(
      await own.command('agent.register', projectId, person),
      'no agent',
    );
    // Long enough to be stored out of line, compressed or not.
    const long = `${word('sent')} ${randomBytes(3_000).toString('base64')} ${word('sent')}`;
    must(
      await own.command('message.send', projectId, { sessionId, to: 'mate', content: { text: long } }),
      'not sent',
    );
    must(await own.command('update.broadcast', projectId, { sessionId, content: word('told') }), 'not told');
    const letter = { sessionId: mate.sessionId, to: agentId, content: word('got') };
    must(await quiet.command('message.send', projectId, letter), 'not got');
  } finally {
    await own.close();
  }
  return { memberId };
};

/** Everything that the hub tells of the project: its lists, its log, its history, and what is kept of each subject. */
export const exportsOf = async (
  { quiet, projectId }: Scene,
  subjects: readonly Subject[],
): Promise<Map<string, string[]>> => {
  const texts = new Map<string, string[]>();
  const keep = (name: string, value: unknown): void => {
    texts.set(name, [...(texts.get(name) ?? []), JSON.stringify(value)]);
  };
  for (const name of ['project.snapshot', 'member.list', 'key.list', 'agent.list', 'audit.head'] as const)
    keep(name, await quiet.query(name, projectId, {}));
  for (let after: number | undefined = 0; after !== undefined;) {
    const page: Awaited<ReturnType<typeof quiet.query<'audit.list'>>> = await quiet.query(
      'audit.list',
      projectId,
      { after },
    );
    keep('audit.list', page);
    after = page.ok ? page.value.next : undefined;
  }
  for (let after: number | undefined = 0; after !== undefined;) {
    const page: Awaited<ReturnType<typeof quiet.query<'event.list'>>> = await quiet.query(
      'event.list',
      projectId,
      {
        after,
        limit: 500,
      },
    );
    keep('event.list', page);
    after = page.ok ? page.value.next : undefined;
  }
  keep('message.list', await quiet.query('message.list', projectId, { agentId: 'mate', limit: 500 }));
  for (const { memberId } of subjects)
    keep('privacy.export', await quiet.query('privacy.export', projectId, { memberId }));
  return texts;
};
