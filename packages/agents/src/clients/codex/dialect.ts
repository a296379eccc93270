import { join } from 'node:path';
import { fieldsIn, isFields, optionalText, textIn } from '../../payload.ts';
import type { Fields } from '../../payload.ts';
import type { Dialect, Edit } from '../../happening.ts';
import {
  editsOf as claudeEditsOf,
  isEditMoment,
  readCommon,
  TELLING_MOMENTS,
  writeReply,
} from '../claude-code/dialect.ts';
import { findPatches } from './find-patches.ts';
import { parsePatch } from './parse-patch.ts';

/** Older releases call a program with arguments, newer ones give the shell one text. */
const commandOf = (input: Fields): string => {
  const command = input['command'] ?? input['cmd'];
  return Array.isArray(command) ? command.join('\n') : typeof command === 'string' ? command : '';
};

/** Edits come as patches: of a tool of their own, or inside a shell command. */
const editsOf = (tool: string, input: Fields): readonly Edit[] => {
  if (tool === 'apply_patch') {
    const patch = commandOf(input) || (optionalText(input, 'input') ?? '');
    return parsePatch(patch);
  }
  const edits = claudeEditsOf(tool, input);
  if (edits.length > 0) return edits;
  return findPatches(commandOf(input)).flatMap(({ text, folder }) =>
    parsePatch(text).map((edit) =>
      folder === undefined ? edit : { ...edit, path: join(folder, edit.path) },
    ),
  );
};

/** Codex reads the answers that Claude Code reads; of a `PreToolUse` it takes a denial and context, nothing else. */
export const codex: Dialect = {
  read(moment, payload) {
    const common = readCommon(payload);
    if (!isEditMoment(moment)) return { ...common, edits: [] };
    const input = payload['tool_input'];
    // The patch itself may stand where other tools have an object.
    const fields =
      typeof input === 'string'
        ? { command: input }
        : isFields(input)
          ? input
          : fieldsIn(payload, 'tool_input');
    const edits = editsOf(textIn(payload, 'tool_name'), fields);
    return edits.length === 0 ? undefined : { ...common, edits };
  },
  write: writeReply,
  tellsAt: TELLING_MOMENTS,
};
