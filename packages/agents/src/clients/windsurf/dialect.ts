import { dirname } from 'node:path';
import { fieldsIn, listIn, textIn } from '../../payload.ts';
import type { Dialect, Reply, Written } from '../../happening.ts';

/** A denial where the client reads no JSON for it: exit code 2, with the reason on stderr. */
export const denyByExitCode = ({ deny }: Reply): Written =>
  deny === undefined ? { exitCode: 0 } : { stderr: `${deny}\n`, exitCode: 2 };

/**
 * Cascade, the agent of Windsurf before it became Devin Desktop, by its documents. It names the file and no folder, has
 * no start and no place for context: reasons travel on stderr, with exit code 2.
 */
export const windsurf: Dialect = {
  read(_moment, payload) {
    const session = textIn(payload, 'trajectory_id');
    const info = fieldsIn(payload, 'tool_info');
    const path = textIn(info, 'file_path');
    const pieces = listIn(info, 'edits').map((edit) => ({
      old: textIn(edit, 'old_string'),
      young: textIn(edit, 'new_string'),
    }));
    const [first] = pieces;
    const isNew = first?.old === '';
    return {
      session,
      cwd: dirname(path),
      isContinuing: false,
      edits: [
        isNew
          ? { path, kind: 'created', change: { text: first.young } }
          : { path, kind: 'modified', change: pieces.length === 0 ? 'whole' : { pieces } },
      ],
    };
  },
  write: (_moment, reply) => denyByExitCode(reply),
  tellsAt: [],
};
