import { describe, expect, it } from 'vitest';
import { hooksFile } from './hook-groups.ts';

const ours = { Stop: [{ hooks: [{ type: 'command', command: 'node act-hook.cjs codex stop' }] }] };
const theirs = { hooks: { Stop: [{ hooks: [{ type: 'command', command: 'say done' }] }] }, other: 1 };
const file = hooksFile('/hooks.json', ours);

describe('a table of hooks that others use too', () => {
  it('gets our hooks beside theirs, once', () => {
    const text = file.edit(JSON.stringify(theirs));
    expect(JSON.parse(text)).toEqual({ ...theirs, hooks: { Stop: [...theirs.hooks.Stop, ...ours.Stop] } });
    expect(file.edit(text)).toBe(text);
  });
  it('loses ours alone', () => {
    expect(JSON.parse(file.undo(file.edit(JSON.stringify(theirs))) ?? '')).toEqual(theirs);
    expect(JSON.parse(file.undo(file.edit(undefined)) ?? '')).toEqual({ hooks: {} });
  });
  it('keeps its indentation', () =>
    expect(file.edit('{\n\t"other": 1\n}')).toContain('\n\t"hooks": {\n\t\t"Stop"'));
  it('may be the file itself, or carry a version', () => {
    expect(JSON.parse(hooksFile('/h', ours, { at: 'top' }).edit('{}'))).toEqual(ours);
    expect(JSON.parse(hooksFile('/h', ours, { version: 1 }).edit(undefined))).toEqual({
      version: 1,
      hooks: ours,
    });
  });
  it.each(['{ // a comment\n}', '[]', 'nonsense'])('is not rewritten where it cannot be read: %s', (text) =>
    expect(() => file.edit(text)).toThrow('no plain JSON object'),
  );
});
