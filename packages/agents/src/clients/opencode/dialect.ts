import { fieldsIn, textIn } from '../../payload.ts';
import type { Fields } from '../../payload.ts';
import type { Dialect, Edit } from '../../happening.ts';
import { isEditMoment, readCommon, replacing } from '../claude-code/dialect.ts';
import { parsePatch } from '../codex/parse-patch.ts';

/** opencode's tools that change files. Of a text that does not stand in the file it looks for a similar one. */
const editsOf = (tool: string, input: Fields): readonly Edit[] => {
  if (tool === 'apply_patch') return parsePatch(textIn(input, 'patchText'));
  if (tool !== 'edit' && tool !== 'write') return [];
  const path = textIn(input, 'filePath');
  if (tool === 'write') return [{ path, kind: 'modified', change: { text: textIn(input, 'content') } }];
  return [
    replacing(path, [
      {
        old: textIn(input, 'oldString'),
        young: textIn(input, 'newString'),
        loose: true,
        ...(input['replaceAll'] === true ? { everywhere: true } : {}),
      },
    ]),
  ];
};

/** What our plugin for opencode says and reads: plugin.ts writes it. */
export const opencode: Dialect = {
  read(moment, payload) {
    const common = readCommon(payload);
    if (!isEditMoment(moment)) return { ...common, edits: [] };
    const edits = editsOf(textIn(payload, 'tool_name'), fieldsIn(payload, 'tool_input'));
    return edits.length === 0 ? undefined : { ...common, edits };
  },
  write: (_moment, { context, deny }) => ({ stdout: JSON.stringify({ context, deny }), exitCode: 0 }),
  tellsAt: ['start', 'prompt', 'after-edit'],
};
