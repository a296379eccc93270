import { expect, it } from 'vitest';
import { given, happened as h, id } from '../../testing/src/given.ts';
import { derivedOf, imageOf, restore } from './image.ts';

const everything = [
  h.project(),
  h.joined('ada', 11, [{ name: 'sql', level: 3 }]),
  h.joined('bob', 12),
  h.phase(31),
  h.phase(32, [31]),
  h.task(21, { key: 'a', phaseId: id(31), description: 'd' }),
  h.waiting(22, [21], { key: 'b', phaseId: id(32) }),
  h.task(23, { status: 'completed', key: 'c' }),
  h.task(24, { requires: [{ name: 'sql', level: 1 }] }),
  h.claimed(21, 'ada', 11),
  h.released(21, 'failed', 1, { note: 'n' }),
  h.claimed(21, 'bob', 12, 2, 2),
];

it('builds from an image, in whatever order its rows come, the state that it was made of', () => {
  const { state } = given(...everything);
  const image = structuredClone(imageOf(state));
  const reversed = {
    ...image,
    tasks: image.tasks.toReversed(),
    phases: image.phases.toReversed(),
    sessions: image.sessions.toReversed(),
  };
  for (const rows of [image, reversed]) {
    const rebuilt = restore(rows);
    expect(imageOf(rebuilt)).toEqual(imageOf(state));
    expect(derivedOf(rebuilt)).toEqual(derivedOf(state));
  }
});

it('gives the same decisions after rebuilding', () => {
  const { state, when } = given(...everything);
  const rebuilt = restore(structuredClone(imageOf(state)));
  const grant = { taskId: id(21), sessionId: id(12), epoch: 2 };
  when('task.complete', grant).then(
    h.completed(21, 'bob', 2),
    { type: 'phase.completed', data: { phaseId: id(31), actualEffort: 1 } },
    { type: 'project.milestone', data: { name: 'phase 31', phaseId: id(31) } },
    h.ready(22),
  );
  expect(rebuilt.tasks.get(id(21))).toMatchObject({ status: 'claimed', epoch: 2 });
  expect(rebuilt.sessions.get(id(12))?.held).toEqual(new Set([id(21)]));
});
