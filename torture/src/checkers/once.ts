import type { LogEvent } from './database.ts';

/** Command ids that come back in the log after another command's events: what was carried out twice. */
export const countRepeated = (log: readonly LogEvent[]): number => {
  const seen = new Set<string>();
  let repeated = 0;
  let last = '';
  for (const { commandId } of log) {
    if (commandId === last) continue;
    if (seen.has(commandId)) repeated++;
    seen.add(commandId);
    last = commandId;
  }
  return repeated;
};
