import { HUB_ACTOR } from '@agentmix/act-contract';
import { expect, it } from 'vitest';
import { uuidv7 } from 'uuidv7';
import { eventsOf, RECENT_COMMANDS_MAX, RecentCommands } from './recent-commands.ts';

const GENERATION = RECENT_COMMANDS_MAX / 2;
const command = (madeAt: number) => ({
  madeAt,
  fingerprint: madeAt,
  source: { text: '[]' },
  first: 0,
  count: 0,
});

it('knows a command for at least one generation', () => {
  const recent = new RecentCommands(0);
  const ids = Array.from({ length: 5 * GENERATION }, () => uuidv7());
  ids.forEach((id, at) => {
    recent.add(id, command(at + 1));
    const oldest = ids[Math.max(0, at - GENERATION + 1)];
    expect(recent.get(oldest ?? '')).toBeDefined();
  });
});

it('never calls an id certainly new that it has forgotten, whatever times the ids carry', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const recent = new RecentCommands(500);
    const added: { id: string; madeAt: number }[] = [];
    let random = seed;
    for (let count = 0; count < 3 * GENERATION; count++) {
      random = (random * 48_271) % 2_147_483_647;
      const one = { id: `${seed}-${count}`, madeAt: (count % 7 === 0 ? random : count) % 100_000 };
      recent.add(one.id, command(one.madeAt));
      added.push(one);
    }
    for (const { id, madeAt } of added)
      if (recent.isCertainlyNew(madeAt)) expect(recent.get(id)).toBeDefined();
  }
});

it('holds ids before its horizon for doubtful and later ones for new', () => {
  const recent = new RecentCommands(500);
  expect(recent.isCertainlyNew(500)).toBe(false);
  expect(recent.isCertainlyNew(501)).toBe(true);
  expect(recent.highest).toBe(500);
});

it('takes the commands of the log with their own events', () => {
  const events = [1, 2, 3].map((seq) => ({ seq, type: 'project.milestone', data: { name: `m${seq}` } }));
  const [first, second] = [uuidv7(), uuidv7()];
  const recent = RecentCommands.from({
    image: undefined as never,
    unwritten: [],
    idHighBefore: 7,
    tail: [
      {
        projectId: uuidv7(),
        firstSeq: 1,
        lastSeq: 3,
        at: 0,
        commandIds: [first, second],
        actors: [HUB_ACTOR, HUB_ACTOR],
        eventCounts: [1, 2],
        fingerprints: [11, 22],
        idHigh: 0,
        eventsText: JSON.stringify(events),
        previousHash: '',
        hash: '',
      },
    ],
  });
  const known = [first, second].map((id) => recent.get(id));
  expect(known.map((one) => one?.fingerprint)).toEqual([11, 22]);
  expect(known.map((one) => one && eventsOf(one).map(({ seq }) => seq))).toEqual([[1], [2, 3]]);
  expect(recent.isCertainlyNew(7)).toBe(false);
});

it('forgets early when the records are large, and still knows what it may call new', () => {
  const recent = new RecentCommands(0);
  const text = 'a'.repeat(1_000_000);
  const ids = Array.from({ length: 100 }, (_, index) => `large-${index}`);
  ids.forEach((id, at) => recent.add(id, { ...command(at + 1), source: { text } }));
  const known = ids.filter((id) => recent.get(id) !== undefined);
  // Twice 8 MB of text, and the record that is still being made.
  expect(known.length).toBeLessThanOrEqual(20);
  expect(known.at(-1)).toBe('large-99');
  ids.forEach((id, at) => {
    if (recent.isCertainlyNew(at + 1)) expect(recent.get(id)).toBeDefined();
  });
});
