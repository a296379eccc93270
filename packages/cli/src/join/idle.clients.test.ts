import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeJoinedWorld } from '../../test/joined-world.ts';
import type { JoinedWorld } from '../../test/joined-world.ts';
import { startScriptedModel } from '../../test/model/scripted-model.ts';
import type { ScriptedModel } from '../../test/model/scripted-model.ts';
import { hasClients, openClaude, runClaude } from '../../test/real-client.ts';
import { waitUntil } from '../../test/run-act.ts';

describe.skipIf(!hasClients)('an idle session of Claude Code', () => {
  let world: JoinedWorld;
  let model: ScriptedModel;
  beforeEach(async () => {
    world = await makeJoinedWorld();
    await world.actJson(world.repository, 'join', 'claude-code');
    model = await startScriptedModel([{ say: 'done' }, { say: 'I heard' }]);
  });
  afterEach(async () => {
    await model.stop();
    await world.stop();
  });

  /** The agent of the session, once it has stopped. */
  const idleAgent = async (): Promise<string> => {
    await waitUntil(() => Promise.resolve(model.requests.length === 1), 'the first turn', 60_000);
    const agents = await world.actJson(world.repository, 'status');
    return /claude-code:[0-9a-f-]{36}/.exec(JSON.stringify(agents))?.[0] ?? 'nobody';
  };
  const send = (agentId: string, text: string, urgency: string) =>
    world.actJson(world.repository, 'message', 'send', agentId, text, '--urgency', urgency, '--agent', 'bob');
  const unread = async (agentId: string): Promise<string> => {
    const { hub, projectId } = await world.hub();
    const page = await hub.query('message.list', projectId, { agentId, unread: true });
    await hub.close();
    return JSON.stringify(page.ok && page.value.items.map(({ content }) => content));
  };

  it('is woken by an urgent message, which is read then, and not by one that can wait', async () => {
    const session = openClaude(world, world.repository, model);
    const agentId = await idleAgent();
    await send(agentId, 'when you have time', 'low');
    await send(agentId, 'line 10 is broken', 'high');
    await waitUntil(() => Promise.resolve(model.requests.length === 2), 'the agent is woken', 30_000);
    expect(model.requests[1]).toContain('line 10 is broken');
    expect(model.requests[1]).not.toContain('when you have time');
    expect(await unread(agentId)).toBe('["when you have time"]');
    session.child.stdin.end();
    await session.ended;
  });

  it('is watched over only where it stays open: an answer and an end are not held up', async () => {
    let answeredAt = 0;
    const brief = await startScriptedModel([
      () => {
        answeredAt = performance.now();
        return { say: 'done' };
      },
    ]);
    expect(await runClaude(world, world.repository, brief)).toMatchObject({ code: 0 });
    expect(performance.now() - answeredAt).toBeLessThan(20_000);
    await brief.stop();
  });

  it('that has died leaves its messages unread', async () => {
    const session = openClaude(world, world.repository, model);
    const agentId = await idleAgent();
    session.child.kill('SIGKILL');
    await session.ended;
    await send(agentId, 'line 10 is broken', 'high');
    await new Promise((resolve) => setTimeout(resolve, 12_000));
    expect(await unread(agentId)).toBe('["line 10 is broken"]');
  });
});
