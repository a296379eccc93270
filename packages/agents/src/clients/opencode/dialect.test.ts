import { describe, expect, it } from 'vitest';
import { Unreadable } from '../../happening.ts';
import { opencode } from './dialect.ts';

const edit = (tool_name: string, tool_input: object) =>
  opencode.read('before-edit', { session_id: 'ses_dcff14784ffe', cwd: '/shop', tool_name, tool_input })
    ?.edits;

describe('what our plugin for opencode tells the hook', () => {
  it('is its session and folder', () =>
    expect(opencode.read('prompt', { session_id: 'ses_dcff14784ffe', cwd: '/shop' })).toEqual({
      session: 'ses_dcff14784ffe',
      cwd: '/shop',
      edits: [],
      isContinuing: false,
    }));
  it('is what opencode’s tools change, by their own names of fields', () => {
    const replaced = { filePath: '/shop/a.ts', oldString: 'a', newString: 'b' };
    expect(edit('edit', replaced)).toEqual([
      { path: '/shop/a.ts', kind: 'modified', change: { pieces: [{ old: 'a', young: 'b', loose: true }] } },
    ]);
    expect(edit('edit', { ...replaced, replaceAll: true })).toMatchObject([
      { change: { pieces: [{ everywhere: true }] } },
    ]);
    expect(edit('edit', { ...replaced, oldString: '' })).toMatchObject([
      { kind: 'created', change: { text: 'b' } },
    ]);
    expect(edit('write', { filePath: '/shop/a.ts', content: 'x' })).toMatchObject([
      { path: '/shop/a.ts', change: { text: 'x' } },
    ]);
    const patchText = '*** Begin Patch\n*** Delete File: a.ts\n*** End Patch';
    expect(edit('apply_patch', { patchText })).toMatchObject([{ path: 'a.ts', kind: 'deleted' }]);
  });
  it('is nothing for us where a tool edits no file that we know, and unreadable without its fields', () => {
    expect(edit('bash', { command: 'ls' })).toBeUndefined();
    expect(() => edit('edit', { oldString: 'a', newString: 'b' })).toThrow(Unreadable);
    expect(() => opencode.read('start', {})).toThrow(Unreadable);
  });
});

it('is answered with what the plugin says and whether it denies', () =>
  expect(JSON.parse(opencode.write('before-edit', { deny: 'ann has it' }).stdout ?? '')).toEqual({
    deny: 'ann has it',
  }));
