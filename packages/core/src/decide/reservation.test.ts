import { describe, it } from 'vitest';
import type { CommandArguments, NewEvent, Region } from '@agentmix/act-contract';
import { given, happened as h, id, NOW } from '../../../testing/src/given.ts';

const ADA = 11;
const BOB = 12;
const CLEO = 13;
const start = [
  h.project(),
  h.joined('ada', ADA),
  h.joined('bob', BOB),
  h.joined('cleo', CLEO),
  h.task(21),
  h.claimed(21, 'ada', ADA),
];

const lines = (path: string, first: number, count: number): Region => ({
  path,
  ranges: [{ start: first, lines: count }],
});
const granted = (
  agentId: string,
  session: number,
  reservation: number,
  region: Region,
  mode: 'shared' | 'exclusive' = 'exclusive',
  more: { taskId?: string } = {},
): NewEvent => ({
  type: 'reservation.granted',
  agentId,
  data: { sessionId: id(session), regions: [{ reservationId: id(reservation), ...region, mode }], ...more },
});
const queued = (agentId: string, session: number, reservation: number, region: Region): NewEvent => ({
  type: 'reservation.queued',
  agentId,
  data: {
    sessionId: id(session),
    regions: [{ reservationId: id(reservation), ...region, mode: 'exclusive' }],
    waitsFor: ['ada'],
  },
});
const ended = (
  holder: string,
  reservation: number,
  reason: Extract<NewEvent, { type: 'reservation.released' }>['data']['reason'],
  more: { agentId?: string; note?: string } = {},
): NewEvent => ({
  type: 'reservation.released',
  ...(more.agentId === undefined ? {} : { agentId: more.agentId }),
  data: {
    reservationIds: [id(reservation)],
    holder,
    reason,
    ...(more.note === undefined ? {} : { note: more.note }),
  },
});

const ask = (
  session: number,
  regions: Region[],
  more: Partial<CommandArguments<'reservation.request'>> = {},
): CommandArguments<'reservation.request'> => ({ sessionId: id(session), regions, ...more });

describe('a region', () => {
  const held = granted('ada', ADA, 51, lines('a.ts', 10, 5), 'exclusive', { taskId: id(21) });

  it.each([
    ['shares a line', lines('a.ts', 14, 3)],
    ['follows without a line between', lines('a.ts', 15, 2)],
    ['ends right before', lines('a.ts', 8, 2)],
    ['is an insertion at its end', lines('a.ts', 14, 0)],
    ['is the whole file', { path: 'a.ts' }],
    ['is a pattern over the file', { pattern: '*.ts' }],
  ] as const)('is refused to another agent when it %s', (_title, region) => {
    given(...start, held)
      .when('reservation.request', ask(BOB, [region]))
      .then('region_reserved', {
        holders: [{ agentId: 'ada', taskId: id(21), taskTitle: 'task 21', path: 'a.ts', status: 'granted' }],
      });
  });

  it.each([
    ['in other lines of the file', lines('a.ts', 16, 3)],
    ['of another file', { path: 'b.ts' }],
    ['of a pattern without the file', { pattern: 'src/*.ts' }],
  ] as const)('is granted %s', (_title, region) => {
    given(...start, held)
      .when('reservation.request', ask(BOB, [region]))
      .then(granted('bob', BOB, 9_001, region));
  });

  it('is granted to several who share it, and then to nobody alone', () => {
    const file = { path: 'a.ts' };
    const shared = granted('ada', ADA, 51, file, 'shared');
    given(...start, shared)
      .when('reservation.request', ask(BOB, [file], { mode: 'shared' }))
      .then(granted('bob', BOB, 9_001, file, 'shared'));
    given(...start, shared)
      .when('reservation.request', ask(BOB, [file]))
      .then('region_reserved');
  });

  it('is granted with all others of the call or with none', () => {
    given(...start, held)
      .when('reservation.request', ask(BOB, [{ path: 'b.ts' }, lines('a.ts', 12, 1)]))
      .then('region_reserved');
  });

  it('grows and keeps its id when its holder asks for more of the file', () => {
    given(...start, held)
      .when('reservation.request', ask(ADA, [lines('a.ts', 15, 5)]))
      .then(granted('ada', ADA, 51, lines('a.ts', 10, 10), 'exclusive', { taskId: id(21) }));
  });

  it('is renewed when its holder asks again, and written down only when that was long ago', () => {
    const again = ask(ADA, [lines('a.ts', 11, 2)]);
    given(...start, held)
      .when('reservation.request', again, { now: NOW - 59_999 })
      .then();
    given(...start, held)
      .when('reservation.request', again, { now: NOW + 1 })
      .then(held);
  });

  it('belongs to the only task that its holder has', () => {
    given(...start)
      .when('reservation.request', ask(ADA, [lines('a.ts', 10, 5)]))
      .then(granted('ada', ADA, 9_001, lines('a.ts', 10, 5), 'exclusive', { taskId: id(21) }));
  });

  it('ends with its task', () => {
    const done = { taskId: id(21), sessionId: id(ADA), epoch: 1 };
    given(...start, held)
      .when('task.complete', done)
      .then(h.completed(21, 'ada'), ended('ada', 51, 'task_over'));
  });

  it('ends with its session', () => {
    given(...start, h.released(21, 'released', 0, { agentId: 'ada' }), held)
      .when('session.expire', { sessionId: id(ADA) })
      .then(h.left('ada', ADA, 'expired'), ended('ada', 51, 'session_over'));
  });

  it('ends when it is not renewed for too long, and not before', () => {
    const expire = { reservationIds: [id(51)] };
    given(...start, held)
      .when('reservation.expire', expire, { now: NOW })
      .then();
    given(...start, held)
      .when('reservation.expire', expire, { now: NOW + 600_000 })
      .then(ended('ada', 51, 'idle'));
  });

  it('ends when a coordinator says why', () => {
    given(...start, held)
      .when('reservation.force', { reservationIds: [id(51)], reason: 'urgent' })
      .then(ended('ada', 51, 'forced', { note: 'urgent' }));
    given(...start)
      .when('reservation.force', { reservationIds: [id(51)], reason: 'urgent' })
      .then('reservation_not_found');
  });

  it('ends when its holder committed the file', () => {
    given(...start, held)
      .when('reservation.release', { sessionId: id(ADA), paths: ['a.ts'], committed: true })
      .then(ended('ada', 51, 'committed', { agentId: 'ada' }));
  });

  it('is not given back by another agent', () => {
    given(...start, held)
      .when('reservation.release', { sessionId: id(BOB), reservationIds: [id(51)] })
      .then();
  });
});

describe('the queue', () => {
  const file = { path: 'a.ts' };
  const other = { path: 'b.ts' };
  const held = granted('ada', ADA, 51, file);
  const release = { sessionId: id(ADA) };

  it('takes who waits, and grants when the holder goes, in the order of asking', () => {
    given(...start, held)
      .when('reservation.request', ask(BOB, [file], { wait: true }))
      .then(queued('bob', BOB, 9_001, file));
    given(...start, held, queued('bob', BOB, 61, file), queued('cleo', CLEO, 62, file))
      .when('reservation.release', release)
      .then(ended('ada', 51, 'released', { agentId: 'ada' }), granted('bob', BOB, 61, file));
  });

  it('lets nobody overtake who waits', () => {
    given(...start, granted('ada', ADA, 51, file, 'shared'), queued('bob', BOB, 61, file))
      .when('reservation.request', ask(CLEO, [file], { mode: 'shared' }))
      .then('region_reserved', { holders: [{ agentId: 'bob', status: 'queued' }] });
  });

  it('lets the one overtake that the waiting wait for', () => {
    const both: NewEvent = {
      type: 'reservation.queued',
      agentId: 'bob',
      data: {
        sessionId: id(BOB),
        regions: [
          { reservationId: id(61), ...file, mode: 'exclusive' },
          { reservationId: id(62), ...other, mode: 'exclusive' },
        ],
        waitsFor: ['ada'],
      },
    };
    given(...start, held, both)
      .when('reservation.request', ask(ADA, [other]))
      .then(granted('ada', ADA, 9_001, other, 'exclusive', { taskId: id(21) }));
  });

  it('refuses to wait in a circle', () => {
    given(...start, held, granted('bob', BOB, 52, other), queued('bob', BOB, 61, file))
      .when('reservation.request', ask(ADA, [other], { wait: true }))
      .then('reservation_deadlock', { holders: [{ agentId: 'bob' }] });
  });

  it('keeps the place of who asks for the same again', () => {
    given(...start, held, queued('bob', BOB, 61, file))
      .when('reservation.request', ask(BOB, [file], { wait: true }))
      .then();
  });

  it('has one request of each session: the last', () => {
    given(...start, held, queued('bob', BOB, 61, file), granted('cleo', CLEO, 53, other))
      .when('reservation.request', ask(BOB, [other], { wait: true }))
      .then(ended('bob', 61, 'replaced', { agentId: 'bob' }), {
        ...queued('bob', BOB, 9_001, other),
        data: { ...(queued('bob', BOB, 9_001, other).data as object), waitsFor: ['cleo'] },
      });
  });

  it('moves up when one who waits goes', () => {
    given(...start, held, queued('bob', BOB, 61, file))
      .when('agent.disconnect', { sessionId: id(BOB) })
      .then(h.left('bob', BOB, 'disconnected'), ended('bob', 61, 'session_over'));
  });
});
