import { fieldsIn, optionalText, textIn } from '../../payload.ts';
import type { Fields } from '../../payload.ts';
import type { Dialect, Edit, Moment } from '../../happening.ts';
import { editsOf, isEditMoment, writeReply } from '../claude-code/dialect.ts';
import { denyByExitCode } from './dialect.ts';

/** Devin's tools that change files, by the names that Claude Code has for them; their inputs are the same. */
const TOOLS = new Map([
  ['edit', 'Edit'],
  ['write', 'Write'],
  ['notebook_edit', 'NotebookEdit'],
]);

const devinEdits = (tool: string, input: Fields): readonly Edit[] =>
  // Published records name a notebook either way.
  editsOf(TOOLS.get(tool) ?? tool, { notebook_path: input['file_path'], ...input });

const TELLING: readonly Moment[] = ['start', 'after-edit', 'prompt', 'stop'];

/**
 * Devin, in its command line and in Devin Desktop, which was Windsurf: Claude Code's words, but for the tools and for a
 * denial, which is exit code 2 with the reason on stderr. It names no folder and no subagent: its command goes to the
 * project first, so paths are relative to where the process is.
 */
export const devin: Dialect = {
  read(moment, payload) {
    const common = {
      session: textIn(payload, 'session_id'),
      cwd: optionalText(payload, 'cwd') ?? '.',
      isContinuing: payload['stop_hook_active'] === true,
    };
    if (!isEditMoment(moment)) return { ...common, edits: [] };
    const edits = devinEdits(textIn(payload, 'tool_name'), fieldsIn(payload, 'tool_input'));
    return edits.length === 0 ? undefined : { ...common, edits };
  },
  write(moment, reply) {
    if (reply.deny !== undefined) return denyByExitCode(reply);
    return TELLING.includes(moment) ? writeReply(moment, reply) : { exitCode: 0 };
  },
  tellsAt: TELLING,
};
