import { expect, it } from 'vitest';
import { decide } from '@agentmix/act-core';
import type { NewEvent, Region } from '@agentmix/act-contract';
import { contextOf, given, happened as h, id } from './given.ts';
import { commandOf } from './records.ts';

const granted = (agent: number, reservation: number, region: Region): NewEvent => ({
  type: 'reservation.granted',
  agentId: `agent-${agent}`,
  data: {
    sessionId: id(100 + agent),
    regions: [{ reservationId: id(reservation), ...region, mode: 'exclusive' }],
  },
});

it('decides about a region within a millisecond beside 200 files under edit by 32 agents', () => {
  const agents = Array.from({ length: 32 }, (_, at) => h.joined(`agent-${at}`, 100 + at));
  const edits = Array.from({ length: 3_200 }, (_, at) =>
    granted(at % 32, 1_000 + at, { path: `src/${at % 200}.ts`, ranges: [{ start: 10 * at, lines: 5 }] }),
  );
  const patterns = agents.map((_, at) => granted(at, 8_000 + at, { pattern: `other-${at}/**/*.{ts,js}` }));
  const { state } = given(h.project(), ...agents, ...edits, ...patterns);
  const took = Array.from({ length: 500 }, (_, at) => {
    const region = { path: `src/${at % 200}.ts`, ranges: [{ start: 90_000 + at, lines: 3 }] };
    const command = commandOf('reservation.request', { sessionId: id(100), regions: [region] });
    const began = performance.now();
    expect(decide(state, command, contextOf())).toHaveProperty('events');
    return performance.now() - began;
  });
  expect(took.toSorted((a, b) => a - b)[250]).toBeLessThan(1);
});
