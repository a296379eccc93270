import { expect, it } from 'vitest';
import type { AuditRecord } from '@agentmix/act-client';
import { exportLine, readExportLine } from './export-line.ts';

const record: AuditRecord = {
  projectId: '00000000-0000-7000-8000-000000000001',
  firstSeq: 1,
  lastSeq: 2,
  at: 1_700_000_000_000,
  commandIds: ['00000000-0000-7000-8000-000000000002'],
  actors: ['00000000-0000-7000-8000-000000000003'],
  eventCounts: [2],
  fingerprints: [4],
  idHigh: 1_700_000_000_000,
  eventsText: '[{"seq":1,"data":{"title":",\\"events\\":[]}"}},{"seq":2}]',
  previousHash: '0'.repeat(64),
  hash: 'a'.repeat(64),
};

it('writes a record as JSON with its events in it, and reads the same bytes back', () => {
  const line = exportLine(record);
  expect(JSON.parse(line)).toMatchObject({ firstSeq: 1, events: JSON.parse(record.eventsText) as unknown });
  expect(readExportLine(line)).toEqual(record);
  const spaced = { ...record, eventsText: record.eventsText.replace('[', '[ ') };
  expect(readExportLine(exportLine(spaced))).toEqual(spaced);
});

it('takes nothing else for a record', () => {
  const line = exportLine(record);
  for (const other of [
    '',
    '{}',
    'null',
    line.slice(0, -1),
    line.slice(1),
    line.replace('"hash":"a', '"hash":"x'),
  ])
    expect(readExportLine(other)).toBeUndefined();
});
