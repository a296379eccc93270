import { expect, it } from 'vitest';
import type { NewEvent, Region } from '@agentmix/act-contract';
import { given, happened as h, id } from './given.ts';

const granted = (agent: number, reservation: number, region: Region): NewEvent => ({
  type: 'reservation.granted',
  agentId: `agent-${agent}`,
  data: {
    sessionId: id(100 + agent),
    regions: [{ reservationId: id(reservation), ...region, mode: 'exclusive' }],
  },
});

it('grants what is free and names the one holder of what is not, beside 3,200 regions of 32 agents', () => {
  const agents = Array.from({ length: 32 }, (_, at) => h.joined(`agent-${at}`, 100 + at));
  const edits = Array.from({ length: 3_200 }, (_, at) =>
    granted(at % 32, 1_000 + at, { path: `src/${at % 200}.ts`, ranges: [{ start: 10 * at, lines: 5 }] }),
  );
  const patterns = agents.map((_, at) => granted(at, 8_000 + at, { pattern: `other-${at}/**/*.{ts,js}` }));
  const project = given(h.project(), ...agents, ...edits, ...patterns);
  const request = (path: string, start: number) => ({
    sessionId: id(100),
    regions: [{ path, ranges: [{ start, lines: 3 }] }],
  });
  const free = project.when('reservation.request', request('src/7.ts', 90_000)).events;
  expect(free.map(({ type }) => type)).toEqual(['reservation.granted']);
  project
    .when('reservation.request', request('src/7.ts', 10 * 207))
    .then('region_reserved', { holders: [{ agentId: 'agent-15', path: 'src/7.ts' }] });
  project
    .when('reservation.request', request('other-9/deep/a.ts', 1))
    .then('region_reserved', { holders: [{ agentId: 'agent-9', pattern: 'other-9/**/*.{ts,js}' }] });
});
