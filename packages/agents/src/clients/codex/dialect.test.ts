import { describe, expect, it } from 'vitest';
import { Unreadable } from '../../happening.ts';
import { codex } from './dialect.ts';

const PATCH = `*** Begin Patch
*** Update File: src/a.ts
@@ function one()
 one
-two
+TWO
 three
@@
-nine
*** Add File: src/new.ts
+first
+second
*** Delete File: src/old.ts
*** Update File: src/b.ts
*** Move to: src/c.ts
@@
-x
+y
*** End Patch`;
const EDITS = [
  {
    path: 'src/a.ts',
    kind: 'modified',
    change: {
      pieces: [
        { old: 'one\ntwo\nthree', young: 'one\nTWO\nthree' },
        { old: 'nine', young: '' },
      ],
    },
  },
  { path: 'src/new.ts', kind: 'created', change: { text: 'first\nsecond\n' } },
  { path: 'src/old.ts', kind: 'deleted', change: 'whole' },
  { path: 'src/b.ts', kind: 'deleted', change: 'whole' },
  { path: 'src/c.ts', kind: 'created', change: 'whole' },
];

/** A payload as Codex 0.169 sends it. */
const before = (tool_name: string, tool_input: unknown) =>
  codex.read('before-edit', {
    session_id: '01a20d08-b29e-7930-b1d7-abab5b162a16',
    turn_id: '01a20d08-b2ba-78e1-8e9f-4bd9d803f01d',
    transcript_path: '/home/ann/.codex/sessions/2026/11/24/rollout.jsonl',
    cwd: '/shop',
    hook_event_name: 'PreToolUse',
    model: 'gpt-5-codex',
    permission_mode: 'bypassPermissions',
    tool_name,
    tool_input,
    tool_use_id: 'call_3',
  })?.edits;

describe('what Codex tells its hook', () => {
  it('is a patch of its own tool, in every place it was seen in', () => {
    for (const input of [{ command: PATCH }, { input: PATCH }, { command: ['apply_patch', PATCH] }, PATCH])
      expect(before('apply_patch', input)).toEqual(EDITS);
  });
  it.each([
    ['a here-document', `apply_patch <<'EOF'\n${PATCH}\nEOF`],
    ['a here-document after other commands', `set -e; echo x && apply_patch <<EOF\n${PATCH}\nEOF\necho done`],
    ['an argument', `apply_patch "${PATCH}"`],
  ])('is a patch in %s of a shell command', (_what, command) =>
    expect(before('Bash', { command })).toEqual(EDITS),
  );
  it('is a patch below the folder that the command changed to', () =>
    expect(
      before('Bash', { command: `cd 'pkg/one' && apply_patch <<'EOF'\n${PATCH}\nEOF` })?.[0],
    ).toMatchObject({
      path: 'pkg/one/src/a.ts',
    }));
  it('is nothing for us in a command that edits nothing that we know, or only speaks of a patch', () => {
    expect(before('Bash', { command: 'ls' })).toBeUndefined();
    expect(before('Bash', { command: `echo '${PATCH}'` })).toBeUndefined();
    expect(
      before('Bash', { command: `apply_patch <<EOF\n*** Begin Patch\n*** Update File: cut off` }),
    ).toBeUndefined();
  });
  it('is an edit of the whole file where a hunk does not say where it goes', () =>
    expect(
      before('apply_patch', { command: '*** Begin Patch\n*** Update File: a\n@@\n+end\n*** End Patch' }),
    ).toEqual([{ path: 'a', kind: 'modified', change: 'whole' }]));
  it('is read whole, and in no time that grows with its square, when it touches 10,000 files', () => {
    const sections = Array.from({ length: 10_000 }, (_, at) => `*** Update File: src/${at}.ts\n@@\n-a\n+b\n`);
    const started = performance.now();
    expect(
      before('apply_patch', { command: `*** Begin Patch\n${sections.join('')}*** End Patch` }),
    ).toHaveLength(10_000);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
  it('is unreadable without an input', () => expect(() => before('apply_patch', 7)).toThrow(Unreadable));
});
