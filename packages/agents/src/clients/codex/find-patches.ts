const BEGIN = '*** Begin Patch';
const END = '*** End Patch';
const CALL = /\b(?:apply_patch|applypatch)\b/;

export interface FoundPatch {
  readonly text: string;
  /** The folder that the command changed to before it, if it did. */
  readonly folder?: string;
}

const unquoted = (word: string): string => word.replace(/^(['"])(.*)\1$/, '$2');

/**
 * The patches in a shell command that calls `apply_patch`, as a here-document or as an argument: where Codex does not
 * know its model, its edits come so.
 */
export const findPatches = (command: string): readonly FoundPatch[] => {
  if (!CALL.test(command)) return [];
  const patches: FoundPatch[] = [];
  for (let from = command.indexOf(BEGIN); from >= 0; from = command.indexOf(BEGIN, from + 1)) {
    const end = command.indexOf(END, from);
    if (end < 0) break;
    const changed = [
      ...command.slice(0, from).matchAll(/(?:^|[;&\n])\s*cd\s+('[^']*'|"[^"]*"|[^\s;&]+)/g),
    ].at(-1)?.[1];
    patches.push({
      text: command.slice(from, end + END.length),
      ...(changed === undefined ? {} : { folder: unquoted(changed) }),
    });
  }
  return patches;
};
