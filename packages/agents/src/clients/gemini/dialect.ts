import { fieldsIn, textIn } from '../../payload.ts';
import type { Fields } from '../../payload.ts';
import type { Dialect, Edit, Moment, Written } from '../../happening.ts';
import { isEditMoment, readCommon, replacing } from '../claude-code/dialect.ts';

/** Gemini CLI's two tools that change files. */
const editsOf = (tool: string, input: Fields): readonly Edit[] => {
  if (tool !== 'replace' && tool !== 'write_file') return [];
  const path = textIn(input, 'file_path');
  if (tool === 'write_file') return [{ path, kind: 'modified', change: { text: textIn(input, 'content') } }];
  return [
    replacing(path, [
      {
        old: textIn(input, 'old_string'),
        young: textIn(input, 'new_string'),
        loose: true,
        ...(input['allow_multiple'] === true ? { everywhere: true } : {}),
      },
    ]),
  ];
};

/** Gemini CLI's names of the moments at which it takes context. */
const EVENT_NAMES: Readonly<Partial<Record<Moment, string>>> = {
  start: 'SessionStart',
  prompt: 'BeforeAgent',
  'after-edit': 'AfterTool',
};

const asJson = (value: object): Written => ({ stdout: JSON.stringify(value), exitCode: 0 });

/** Its payloads have Claude Code's names; its answers are a decision and a reason, and before a tool it takes no context. */
export const gemini: Dialect = {
  read(moment, payload) {
    const common = readCommon(payload);
    if (!isEditMoment(moment)) return { ...common, edits: [] };
    const edits = editsOf(textIn(payload, 'tool_name'), fieldsIn(payload, 'tool_input'));
    return edits.length === 0 ? undefined : { ...common, edits };
  },
  write(moment, { context, deny, goOn }) {
    if (moment === 'before-edit' && deny !== undefined) return asJson({ decision: 'deny', reason: deny });
    // Denied, an answer is not the last one: the agent goes on with the reason as its prompt.
    if (moment === 'stop' && goOn !== undefined) return asJson({ decision: 'deny', reason: goOn });
    const hookEventName = EVENT_NAMES[moment];
    if (hookEventName === undefined || context === undefined) return { exitCode: 0 };
    return asJson({ hookSpecificOutput: { hookEventName, additionalContext: context } });
  },
  tellsAt: ['start', 'prompt', 'after-edit', 'stop'],
};
