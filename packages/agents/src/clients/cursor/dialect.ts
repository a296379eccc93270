import { fieldsIn, optionalText, textIn } from '../../payload.ts';
import type { Fields } from '../../payload.ts';
import { Unreadable } from '../../happening.ts';
import type { Dialect, Edit, Reply, Written } from '../../happening.ts';
import { isEditMoment } from '../claude-code/dialect.ts';

const pathIn = (input: Fields): string => optionalText(input, 'file_path') ?? textIn(input, 'path');

/** Tools of Cursor’s agent that change files, by the names that its hooks give them. */
const editsOf = (tool: string, input: Fields): readonly Edit[] => {
  switch (tool) {
    case 'StrReplace':
    case 'Edit': {
      const piece = { old: textIn(input, 'old_string'), young: textIn(input, 'new_string') };
      const pieces = [{ ...piece, ...(input['replace_all'] === true ? { everywhere: true } : {}) }];
      return [{ path: pathIn(input), kind: 'modified', change: { pieces } }];
    }
    case 'Write': {
      const text = optionalText(input, 'contents') ?? optionalText(input, 'content');
      return [{ path: pathIn(input), kind: 'modified', change: text === undefined ? 'whole' : { text } }];
    }
    case 'Delete':
      return [{ path: pathIn(input), kind: 'deleted', change: 'whole' }];
    case 'EditNotebook':
      return [
        { path: optionalText(input, 'target_notebook') ?? pathIn(input), kind: 'modified', change: 'whole' },
      ];
  }
  return [];
};

const folderIn = (payload: Fields): string => {
  const told = optionalText(payload, 'cwd');
  if (told) return told;
  const roots = payload['workspace_roots'];
  const first: unknown = Array.isArray(roots) ? roots[0] : undefined;
  if (typeof first === 'string') return first;
  throw new Unreadable('neither cwd nor workspace_roots is there');
};

const asJson = (value: object): Written => ({ stdout: JSON.stringify(value), exitCode: 0 });

/** Cursor, by its documents: it cannot run here. Context comes in at a start and after a tool, not with a prompt. */
export const cursor: Dialect = {
  read(moment, payload) {
    const common = {
      session: optionalText(payload, 'conversation_id') ?? textIn(payload, 'session_id'),
      cwd: folderIn(payload),
      isContinuing: typeof payload['loop_count'] === 'number' && payload['loop_count'] > 0,
    };
    if (!isEditMoment(moment)) return { ...common, edits: [] };
    const edits = editsOf(textIn(payload, 'tool_name'), fieldsIn(payload, 'tool_input'));
    return edits.length === 0 ? undefined : { ...common, edits };
  },
  write(moment, { context, deny, goOn }: Reply) {
    if (deny !== undefined) return asJson({ permission: 'deny', user_message: deny, agent_message: deny });
    if (goOn !== undefined) return asJson({ followup_message: goOn });
    if (context !== undefined && (moment === 'start' || moment === 'after-edit'))
      return asJson({ additional_context: context });
    return { exitCode: 0 };
  },
  tellsAt: ['start', 'after-edit', 'stop'],
};
