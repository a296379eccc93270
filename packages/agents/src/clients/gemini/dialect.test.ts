import { describe, expect, it } from 'vitest';
import { Unreadable } from '../../happening.ts';
import { gemini } from './dialect.ts';

/** As Gemini CLI 0.61.0 wrote it. */
const payload = (more: object) => ({
  session_id: '172a6722-cafc-4286-b5f3-ca3d4d1b365f',
  transcript_path: '/home/ann/.gemini/tmp/shop/chats/session-2026-12-01T05-06-172a6722.jsonl',
  cwd: '/shop',
  timestamp: '2026-12-01T05:06:12.077Z',
  ...more,
});
const edit = (tool_name: string, tool_input: object) =>
  gemini.read('before-edit', payload({ hook_event_name: 'BeforeTool', tool_name, tool_input }))?.edits;

describe('what Gemini CLI tells its hook', () => {
  it('is its session and folder, and whether it goes on because it was asked to', () =>
    expect(gemini.read('stop', payload({ prompt_response: 'done', stop_hook_active: true }))).toEqual({
      session: '172a6722-cafc-4286-b5f3-ca3d4d1b365f',
      cwd: '/shop',
      edits: [],
      isContinuing: true,
    }));
  it('is what its tools change; what it replaces it may find with other white space', () => {
    const replaced = { file_path: 'a.ts', instruction: 'x', old_string: 'a', new_string: 'b' };
    expect(edit('replace', replaced)).toEqual([
      { path: 'a.ts', kind: 'modified', change: { pieces: [{ old: 'a', young: 'b', loose: true }] } },
    ]);
    expect(edit('replace', { ...replaced, allow_multiple: true })).toMatchObject([
      { change: { pieces: [{ everywhere: true }] } },
    ]);
    expect(edit('replace', { ...replaced, old_string: '' })).toMatchObject([
      { kind: 'created', change: { text: 'b' } },
    ]);
    expect(edit('write_file', { file_path: 'a.ts', content: 'x' })).toMatchObject([
      { path: 'a.ts', change: { text: 'x' } },
    ]);
  });
  it('is nothing for us where a tool edits no file that we know', () =>
    expect(edit('run_shell_command', { command: 'ls' })).toBeUndefined());
  it('is unreadable without a session or a file', () => {
    expect(() => gemini.read('start', {})).toThrow(Unreadable);
    expect(() => edit('replace', { old_string: 'a', new_string: 'b' })).toThrow(Unreadable);
  });
});

describe('what Gemini CLI reads of our answer', () => {
  it('is a decision and its reason, before an edit and where the agent is to go on', () => {
    const told = (moment: 'before-edit' | 'stop', reply: object) =>
      JSON.parse(gemini.write(moment, reply).stdout ?? '') as unknown;
    expect(told('before-edit', { deny: 'ann has it' })).toEqual({ decision: 'deny', reason: 'ann has it' });
    expect(told('stop', { goOn: 'mail' })).toEqual({ decision: 'deny', reason: 'mail' });
  });
  it('is context wherever mail may be taken for it, but at a stop', () => {
    for (const moment of gemini.tellsAt.filter((one) => one !== 'stop'))
      expect(gemini.write(moment, { context: 'facts' }).stdout).toContain('"additionalContext":"facts"');
    expect(gemini.write('before-edit', { context: 'facts' })).toEqual({ exitCode: 0 });
    expect(gemini.write('stop', {})).toEqual({ exitCode: 0 });
  });
});
