import { describe, expect, it } from 'vitest';
import { Unreadable } from '../../happening.ts';
import { cursor } from './dialect.ts';

/** A payload in the shape of Cursor’s documents. */
const payload = (more: object) => ({
  conversation_id: '668320d2-2fd8-4888-b33c-2a466fec86e7',
  generation_id: '490b90b7-a2ce-4c2c-bb76-cb77b125df2f',
  hook_event_name: 'preToolUse',
  cursor_version: '2.4.21',
  workspace_roots: ['/shop'],
  ...more,
});
const edit = (tool_name: string, tool_input: object) =>
  cursor.read('before-edit', payload({ tool_name, tool_input, cwd: '/shop' }))?.edits;

describe('what Cursor tells its hook', () => {
  it('is its conversation, in the first of its folders', () =>
    expect(cursor.read('stop', payload({ loop_count: 1 }))).toEqual({
      session: '668320d2-2fd8-4888-b33c-2a466fec86e7',
      cwd: '/shop',
      edits: [],
      isContinuing: true,
    }));
  it('is what its tools change', () => {
    expect(edit('StrReplace', { path: '/shop/a', old_string: 'a', new_string: 'b' })).toEqual([
      { path: '/shop/a', kind: 'modified', change: { pieces: [{ old: 'a', young: 'b' }] } },
    ]);
    expect(edit('Write', { file_path: '/shop/a', contents: 'x' })).toMatchObject([{ change: { text: 'x' } }]);
    expect(edit('Delete', { path: '/shop/a' })).toMatchObject([{ kind: 'deleted' }]);
    expect(edit('Shell', { command: 'ls' })).toBeUndefined();
  });
  it('is unreadable without a folder or a path', () => {
    expect(() => cursor.read('stop', payload({ workspace_roots: [] }))).toThrow(Unreadable);
    expect(() => edit('Delete', {})).toThrow(Unreadable);
  });
});

describe('what Cursor reads of our answer', () => {
  it.each([
    [
      'before-edit',
      { deny: 'ann has it' },
      { permission: 'deny', user_message: 'ann has it', agent_message: 'ann has it' },
    ],
    ['start', { context: 'facts' }, { additional_context: 'facts' }],
    ['stop', { goOn: 'mail' }, { followup_message: 'mail' }],
  ] as const)('at %s', (moment, reply, written) =>
    expect(JSON.parse(cursor.write(moment, reply).stdout ?? 'null')).toEqual(written),
  );
});
