import { describe, expect, it } from 'vitest';
import { readDirective } from './directive.ts';
import { makeLineReader } from './lines.ts';
import { LastLines, outcomeOf } from './outcome.ts';
import { makeReporter } from './reporter.ts';

describe('what a program says', () => {
  it('is read from lines of its own', () => {
    expect(readDirective('::act progress 40 some note')).toEqual({
      kind: 'progress',
      percent: 40,
      note: 'some note',
    });
    expect(readDirective('::act progress 100')).toEqual({ kind: 'progress', percent: 100 });
    expect(readDirective('::act checkpoint {"note":"x"}')).toEqual({
      kind: 'checkpoint',
      checkpoint: { note: 'x' },
    });
    expect(readDirective('progress 40')).toBeUndefined();
    for (const line of [
      '::act progress 101',
      '::act checkpoint {"other":1}',
      '::act checkpoint {',
      '::act dance',
    ])
      expect(readDirective(line)).toMatchObject({ kind: 'unreadable' });
  });

  it('is cut into lines across pieces and characters', () => {
    const lines: string[] = [];
    const reader = makeLineReader((line) => lines.push(line));
    const bytes = Buffer.from('grün\r\nzwei\n\ndrei');
    for (const byte of bytes) reader.write(Buffer.from([byte]));
    reader.end();
    expect(lines).toEqual(['grün', 'zwei', '', 'drei']);
  });

  it('decides by its exit code what becomes of the task', () => {
    const stderr = new LastLines();
    stderr.add('no disk');
    expect(outcomeOf({ exitCode: 0 }, '{"a":1}', stderr)).toEqual({ kind: 'complete', result: { a: 1 } });
    expect(outcomeOf({ exitCode: 0 }, '[1]', stderr)).toEqual({ kind: 'complete' });
    expect(outcomeOf({ exitCode: 0 }, 'done {', stderr)).toEqual({ kind: 'complete' });
    expect(outcomeOf({ exitCode: 75 }, undefined, stderr)).toEqual({ kind: 'release', note: 'no disk' });
    expect(outcomeOf({ exitCode: 2 }, undefined, stderr)).toEqual({
      kind: 'fail',
      reason: 'exit code 2: no disk',
    });
    expect(outcomeOf({ signalName: 'SIGKILL' }, undefined, new LastLines())).toEqual({
      kind: 'fail',
      reason: 'ended by SIGKILL',
    });
  });

  it('is sent one report at a time, what came meanwhile in one', async () => {
    const sent: object[] = [];
    const reporter = makeReporter(
      async (report) => {
        await Promise.resolve();
        sent.push(report);
        return undefined;
      },
      () => undefined,
    );
    reporter.add({ percent: 10 });
    reporter.add({ percent: 20, note: 'b' });
    reporter.add({ checkpoint: { note: 'c' } });
    await reporter.flush();
    expect(sent).toEqual([{ percent: 10 }, { percent: 20, note: 'b', checkpoint: { note: 'c' } }]);
    expect(reporter.checkpoint).toEqual({ note: 'c' });
  });
});
