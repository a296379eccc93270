import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeFifo, makeFlow, runAssignment } from './index.ts';

const TEXT = `Tasks: 3
ResourceID Salary Skills
1 1.0 Q0: 0
2 1.0 Q0: 1
=====
TaskID Duration Skill Predecessor IDs
1 2 Q0: 0
2 3 Q0: 1
3 4 Q0: 0 1
=====
`;

describe('runAssignment', () => {
  let data = '';
  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'act-assignment-'));
    vi.spyOn(console, 'log').mockImplementation(() => undefined);
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await rm(data, { recursive: true });
  });

  it('reports each folder with .def files as a set, and names what it cannot read', async () => {
    await mkdir(join(data, 'small'));
    await writeFile(join(data, 'small', 'three.def'), TEXT);
    await writeFile(join(data, 'small', 'broken.def'), 'TaskID\nx');
    await writeFile(join(data, 'notes.txt'), '');
    const report = await runAssignment({ data, json: true, pullers: { flow: makeFlow, fifo: makeFifo } });
    const best = { geoMean: 1, worst: 1 };
    expect(report.sets['small']?.policies['flow']).toEqual({ ...best, unknownDurations: best });
    expect(report.sets['small']?.perInstance).toEqual([
      {
        name: 'three',
        lowerBound: 6,
        makespan: { flow: 6, fifo: 6 },
        makespanUnknownDurations: { flow: 6, fifo: 6 },
      },
    ]);
    expect(report.failures).toEqual([expect.stringContaining('small/broken.def:2: expected')]);
    expect(console.log).toHaveBeenCalledExactlyOnceWith(JSON.stringify(report));
  });

  it('refuses a folder without instances', async () => {
    await expect(runAssignment({ data, json: false, pullers: {} })).rejects.toThrow('has .def files');
  });
});
