import { fieldsIn, listIn, optionalText, textIn } from '../../payload.ts';
import type { Fields } from '../../payload.ts';
import type { Dialect, Edit, Happening, Moment, Piece, Reply, Written } from '../../happening.ts';

const pieceOf = (fields: Fields): Piece => ({
  old: textIn(fields, 'old_string'),
  young: textIn(fields, 'new_string'),
  ...(fields['replace_all'] === true ? { everywhere: true } : {}),
});

/** An edit with an empty old text makes a file. */
export const replacing = (path: string, pieces: readonly Piece[]): Edit =>
  pieces[0]?.old === ''
    ? { path, kind: 'created', change: { text: pieces[0].young } }
    : { path, kind: 'modified', change: { pieces } };

/** The files that a tool of Claude Code changes; none for tools that change none that we can know. */
export const editsOf = (tool: string, input: Fields): readonly Edit[] => {
  switch (tool) {
    case 'Edit':
      return [replacing(textIn(input, 'file_path'), [pieceOf(input)])];
    case 'MultiEdit':
      return [replacing(textIn(input, 'file_path'), listIn(input, 'edits').map(pieceOf))];
    case 'Write':
      return [
        { path: textIn(input, 'file_path'), kind: 'modified', change: { text: textIn(input, 'content') } },
      ];
    case 'NotebookEdit':
      return [{ path: textIn(input, 'notebook_path'), kind: 'modified', change: 'whole' }];
  }
  return [];
};

/** What every hook of Claude Code is told; Codex and Devin tell the same by the same names. */
export const readCommon = (payload: Fields): Omit<Happening, 'edits'> => {
  const subagent = optionalText(payload, 'agent_id');
  return {
    session: textIn(payload, 'session_id'),
    cwd: textIn(payload, 'cwd'),
    isContinuing: payload['stop_hook_active'] === true,
    ...(subagent === undefined ? {} : { subagent }),
  };
};

export const isEditMoment = (moment: Moment): boolean => moment === 'before-edit' || moment === 'after-edit';

/** Claude Code's names of the moments that take a `hookSpecificOutput`. */
const EVENT_NAMES: Readonly<Partial<Record<Moment, string>>> = {
  start: 'SessionStart',
  'before-edit': 'PreToolUse',
  'after-edit': 'PostToolUse',
  prompt: 'UserPromptSubmit',
};

export const TELLING_MOMENTS: readonly Moment[] = ['start', 'before-edit', 'after-edit', 'prompt', 'stop'];

const asJson = (value: object): Written => ({ stdout: JSON.stringify(value), exitCode: 0 });

/** Answers as Claude Code 2.1 reads them: JSON on stdout and exit code 0, also where the edit is denied. */
export const writeReply = (moment: Moment, { context, deny, goOn }: Reply): Written => {
  const hookEventName = EVENT_NAMES[moment];
  // By this exit code Claude Code wakes its agent, with what is on stderr.
  if (goOn !== undefined && moment === 'idle') return { stderr: goOn, exitCode: 2 };
  if (goOn !== undefined && moment === 'stop') return asJson({ decision: 'block', reason: goOn });
  if (hookEventName === undefined) return { exitCode: 0 };
  if (deny !== undefined)
    return asJson({
      hookSpecificOutput: {
        hookEventName,
        permissionDecision: 'deny',
        permissionDecisionReason: deny,
      },
    });
  if (context === undefined) return { exitCode: 0 };
  return asJson({ hookSpecificOutput: { hookEventName, additionalContext: context } });
};

export const claudeCode: Dialect = {
  read(moment, payload) {
    const common = readCommon(payload);
    if (!isEditMoment(moment)) return { ...common, edits: [] };
    const edits = editsOf(textIn(payload, 'tool_name'), fieldsIn(payload, 'tool_input'));
    return edits.length === 0 ? undefined : { ...common, edits };
  },
  write: writeReply,
  tellsAt: [...TELLING_MOMENTS, 'idle'],
};
