import { describe, expect, it } from 'vitest';
import { imageOf, restore } from '@agentmix/act-core';
import type { Message } from '@agentmix/act-contract';
import { HOSTILE_TEXTS } from '../simulator/texts.ts';
import { addTask, ask, join, newProject, run } from './driver.ts';
import type { Driver, StoreUnderTest } from './driver.ts';

const LONG = `${'x'.repeat(8_000)}😀\u2028"\\'${'y'.repeat(8_000)}`;
const TEXTS = [
  ...HOSTILE_TEXTS,
  'NULL',
  '{a,b}',
  '"',
  '\\',
  '\\N',
  '\u007f\u0001',
  'ﷺ',
  '\ufffe',
  '(1,2)',
  '{}',
  '',
] as const;

const expectRows = async ({ store, state, projectId }: Driver): Promise<void> => {
  const loaded = await store.load(projectId, 1);
  expect(loaded && imageOf(restore(loaded.image))).toEqual(imageOf(state));
};

/** JSON that careless code changes on the way: own keys named like those of Object.prototype, deep, wide, empty. */
const hostileJson = (text: string): Message['content'] =>
  JSON.parse(
    JSON.stringify({
      text,
      [`key ${text}`]: [text, null, true, -0.5, 1e21, [], {}],
      constructor: { toString: text },
    }),
  ) as Message['content'];

const suiteOfRoundTrips = (under: () => StoreUnderTest): void => {
  it.each(TEXTS.map((text) => [JSON.stringify(text), text]))(
    'gives back %s wherever it is written',
    async (_shown, text) => {
      const project = await newProject(under().store);
      const sessionId = await join(project, 'ada');
      const filled = text === '' ? 'x' : text;
      const value = hostileJson(text);
      const body = {
        title: filled,
        key: filled,
        type: filled,
        description: text,
        filePaths: [filled, filled + filled],
      };
      const requires = [{ name: filled, level: 0 }];
      const taskId = await addTask(project, { ...body, requires });
      await run(project, 'task.update', { taskId, requires: [], description: `${text} again` });
      await run(project, 'task.claim', { taskId, sessionId });
      const grant = { taskId, sessionId, epoch: 1 };
      const checkpoint = { note: text, branch: filled, paths: [filled] };
      await run(project, 'task.release', { ...grant, note: text, checkpoint });
      await run(project, 'task.claim', { taskId, sessionId });
      await run(project, 'file.watch', { sessionId, patterns: [filled, `{${filled},b}`] });
      await run(project, 'state.put', { key: filled, value });
      await run(project, 'message.send', { sessionId, to: 'ada', content: value });
      await expectRows(project);
      expect(await ask(project, 'task.get', { taskId })).toMatchObject({
        ...body,
        description: `${text} again`,
        note: text,
        checkpoint,
      });
      await run(project, 'task.complete', { ...grant, epoch: 2, result: value });
      expect((await ask(project, 'task.get', { taskId }))?.result).toEqual(value);
      expect((await ask(project, 'state.get', { key: filled }))?.value).toEqual(value);
      expect((await ask(project, 'message.list', { agentId: 'ada' }))?.items[0]?.content).toEqual(value);
      await expectRows(project);
    },
  );

  it('gives back descriptions of 16,000 characters, and only those asked for', async () => {
    const project = await newProject(under().store);
    const long = await addTask(project, { title: 'long', description: LONG });
    const none = await addTask(project, { title: 'none' });
    await addTask(project, { title: 'other', description: 'other' });
    const described = await project.store.descriptions(project.projectId, [long, none]);
    expect([...described]).toEqual([[long, LONG]]);
    expect((await ask(project, 'task.get', { taskId: long }))?.description).toBe(LONG);
    await expectRows(project);
  });

  it.each([[null], [0], [''], [false], [[]], [{}], ['null'], ['{"a":1}']])(
    'tells the JSON value %j from nothing',
    async (value) => {
      const project = await newProject(under().store);
      const sessionId = await join(project, 'ada');
      const taskId = await addTask(project, { title: 't' });
      await run(project, 'task.claim', { taskId, sessionId });
      await run(project, 'task.complete', { taskId, sessionId, epoch: 1, result: value });
      await run(project, 'state.put', { key: 'k', value });
      // A result of null is none; anywhere else null is a value.
      const task = await ask(project, 'task.get', { taskId });
      if (value === null) expect(task).not.toHaveProperty('result');
      else expect(task).toHaveProperty('result', value);
      expect(await ask(project, 'state.get', { key: 'k' })).toHaveProperty('value', value);
    },
  );
};

export const textSuites = (under: () => StoreUnderTest): void => {
  describe('texts', () => suiteOfRoundTrips(under));
};
