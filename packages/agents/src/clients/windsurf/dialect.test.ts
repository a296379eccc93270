import { describe, expect, it } from 'vitest';
import { Unreadable } from '../../happening.ts';
import { windsurf } from './dialect.ts';

/** A payload in the shape of the documents of Cascade’s hooks. */
const payload = (tool_info: unknown) => ({
  agent_action_name: 'pre_write_code',
  trajectory_id: 'traj-1',
  execution_id: 'exec-1',
  timestamp: '2026-05-01T10:00:00Z',
  tool_info,
});

describe('Windsurf', () => {
  it('tells its file and what is replaced in it', () => {
    const edits = [{ old_string: 'a', new_string: 'b' }];
    expect(windsurf.read('before-edit', payload({ file_path: '/shop/src/a.ts', edits }))).toEqual({
      session: 'traj-1',
      cwd: '/shop/src',
      isContinuing: false,
      edits: [{ path: '/shop/src/a.ts', kind: 'modified', change: { pieces: [{ old: 'a', young: 'b' }] } }],
    });
    const made = { file_path: '/shop/new.ts', edits: [{ old_string: '', new_string: 'x' }] };
    expect(windsurf.read('before-edit', payload(made))?.edits).toMatchObject([{ kind: 'created' }]);
  });
  it('is told nothing at any moment, so that no mail is lost', () => expect(windsurf.tellsAt).toEqual([]));
  it('is unreadable without a file', () =>
    expect(() => windsurf.read('before-edit', payload({}))).toThrow(Unreadable));
  it('reads a denial on stderr, with exit code 2, and nothing else', () => {
    expect(windsurf.write('before-edit', { deny: 'ann has it' })).toEqual({
      stderr: 'ann has it\n',
      exitCode: 2,
    });
    expect(windsurf.write('before-edit', { context: 'facts' })).toEqual({ exitCode: 0 });
  });
});
