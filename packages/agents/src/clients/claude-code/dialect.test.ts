import { describe, expect, it } from 'vitest';
import { Unreadable } from '../../happening.ts';
import { claudeCode } from './dialect.ts';

/** A payload as Claude Code 2.1 sends it. */
const payload = (more: object) => ({
  session_id: 'b12cb3ed-6d9f-403a-b6ea-800b046e3e95',
  transcript_path: '/home/ann/.claude/projects/-shop/b12cb3ed.jsonl',
  cwd: '/shop',
  permission_mode: 'acceptEdits',
  ...more,
});
const edit = (tool_name: string, tool_input: object) =>
  claudeCode.read('before-edit', payload({ hook_event_name: 'PreToolUse', tool_name, tool_input }))?.edits;

describe('what Claude Code tells its hook', () => {
  it('is its session, and the subagent that acts in it', () => {
    const told = payload({ hook_event_name: 'Stop', stop_hook_active: true, agent_id: 'a07' });
    expect(claudeCode.read('stop', told)).toEqual({
      session: 'b12cb3ed-6d9f-403a-b6ea-800b046e3e95',
      subagent: 'a07',
      cwd: '/shop',
      edits: [],
      isContinuing: true,
    });
  });
  it('is the text that an edit replaces', () => {
    expect(
      edit('Edit', { file_path: '/shop/a.ts', old_string: 'a', new_string: 'b', replace_all: true }),
    ).toEqual([
      {
        path: '/shop/a.ts',
        kind: 'modified',
        change: { pieces: [{ old: 'a', young: 'b', everywhere: true }] },
      },
    ]);
    const edits = [
      { old_string: 'a', new_string: 'b' },
      { old_string: 'c', new_string: 'd' },
    ];
    expect(edit('MultiEdit', { file_path: '/shop/a.ts', edits })).toMatchObject([
      { change: { pieces: [{ old: 'a' }, { old: 'c' }] } },
    ]);
  });
  it('is the whole text of a file that is written, or made by an edit of nothing', () => {
    const made = [{ path: '/shop/a.ts', kind: 'created', change: { text: 'x' } }];
    expect(edit('Edit', { file_path: '/shop/a.ts', old_string: '', new_string: 'x' })).toEqual(made);
    expect(edit('Write', { file_path: '/shop/a.ts', content: 'x' })).toMatchObject([
      { change: { text: 'x' } },
    ]);
    expect(edit('NotebookEdit', { notebook_path: '/shop/a.ipynb', new_source: 'x' })).toMatchObject([
      { path: '/shop/a.ipynb', change: 'whole' },
    ]);
  });
  it('is nothing for us where a tool edits no file that we know', () =>
    expect(edit('Bash', { command: 'ls' })).toBeUndefined());
  it.each([
    ['no session', { session_id: undefined, hook_event_name: 'Stop' }, 'stop'],
    ['an edit without a path', { tool_name: 'Edit', tool_input: { old_string: 'a' } }, 'before-edit'],
    ['an edit without an input', { tool_name: 'Edit' }, 'before-edit'],
    [
      'edits that are no list',
      { tool_name: 'MultiEdit', tool_input: { file_path: '/a', edits: 1 } },
      'before-edit',
    ],
  ] as const)('is unreadable with %s', (_what, more, moment) =>
    expect(() => claudeCode.read(moment, payload(more))).toThrow(Unreadable),
  );
});

describe('what Claude Code reads of our answer', () => {
  const written = (...args: Parameters<typeof claudeCode.write>): unknown =>
    JSON.parse(claudeCode.write(...args).stdout ?? 'null');

  it('is a denial with its reason, and exit code 0', () => {
    expect(written('before-edit', { deny: 'ann has it' })).toEqual({
      hookSpecificOutput: {
        hookEventName: 'PreToolUse',
        permissionDecision: 'deny',
        permissionDecisionReason: 'ann has it',
      },
    });
    expect(claudeCode.write('before-edit', { deny: 'ann has it' }).exitCode).toBe(0);
  });
  it('is context at the start, at a prompt and around an edit', () => {
    for (const moment of ['start', 'prompt', 'before-edit', 'after-edit'] as const)
      expect(written(moment, { context: 'facts' })).toMatchObject({
        hookSpecificOutput: { additionalContext: 'facts' },
      });
  });
  it('is a reason to go on at a stop', () =>
    expect(written('stop', { goOn: 'mail' })).toEqual({ decision: 'block', reason: 'mail' }));
  it('is what wakes it when it is idle: exit code 2', () =>
    expect(claudeCode.write('idle', { goOn: 'mail' })).toEqual({ stderr: 'mail', exitCode: 2 }));
  it('is nothing where there is nothing to say', () =>
    expect(claudeCode.write('prompt', {})).toEqual({ exitCode: 0 }));
});
