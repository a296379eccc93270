import { describe, expect, it } from 'vitest';
import { Unreadable } from '../../happening.ts';
import { devin } from './devin-dialect.ts';

/** An input in the shape of published records of Devin’s command line 3000.6.14. */
const payload = (more: object) => ({
  session_id: 'bramble-scorpion',
  prompt_id: '0d5bd9b4-4f0a-4c9a-9a43-0a6f6a5c7f10',
  ...more,
});
const edit = (tool_name: string, tool_input: object) =>
  devin.read(
    'before-edit',
    payload({ hook_event_name: 'PreToolUse', tool_use_id: 'chatcmpl-tool-1f', tool_name, tool_input }),
  )?.edits;

describe('what Devin tells its hook', () => {
  it('is its session, in the folder that its command went to', () => {
    const told = { session_id: 'bramble-scorpion', hook_event_name: 'SessionStart', source: 'startup' };
    expect(devin.read('start', told)).toEqual({
      session: 'bramble-scorpion',
      cwd: '.',
      edits: [],
      isContinuing: false,
    });
    expect(devin.read('stop', payload({ stop_hook_active: true }))).toMatchObject({ isContinuing: true });
  });
  it('is what its tools change, by its own names for them', () => {
    expect(edit('edit', { file_path: '/shop/a.ts', old_string: 'a', new_string: 'b' })).toEqual([
      { path: '/shop/a.ts', kind: 'modified', change: { pieces: [{ old: 'a', young: 'b' }] } },
    ]);
    expect(edit('write', { file_path: '/shop/a.ts', content: 'x' })).toMatchObject([
      { path: '/shop/a.ts', change: { text: 'x' } },
    ]);
    for (const name of ['file_path', 'notebook_path'])
      expect(edit('notebook_edit', { [name]: '/shop/a.ipynb' })).toMatchObject([
        { path: '/shop/a.ipynb', change: 'whole' },
      ]);
  });
  it('is nothing for us where a tool edits no file that we know', () =>
    expect(edit('exec', { command: 'ls' })).toBeUndefined());
  it('is unreadable without a session or a file', () => {
    expect(() => devin.read('start', {})).toThrow(Unreadable);
    expect(() => edit('edit', { old_string: 'a', new_string: 'b' })).toThrow(Unreadable);
  });
});

describe('what Devin reads of our answer', () => {
  it('is a denial on stderr, with exit code 2', () =>
    expect(devin.write('before-edit', { deny: 'ann has it', context: 'facts' })).toEqual({
      stderr: 'ann has it\n',
      exitCode: 2,
    }));
  it('is context wherever mail may be taken for it, and a reason to go on at a stop', () => {
    for (const moment of devin.tellsAt)
      expect(devin.write(moment, { context: 'facts', goOn: 'mail' }).stdout).toMatch(
        moment === 'stop' ? /"reason":"mail"/ : /"additionalContext":"facts"/,
      );
    expect(devin.write('before-edit', { context: 'facts' })).toEqual({ exitCode: 0 });
  });
});
