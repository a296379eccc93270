import { CLOCK_AHEAD_MS_MAX } from '@agentmix/act-contract';
import type { CommandRecord, LogRecord } from '@agentmix/act-core';

/** The newest records until they hold so many commands, oldest first, and the `idHigh` before them. */
export const tailOf = (
  log: readonly LogRecord[],
  commandsMax: number,
): { tail: LogRecord[]; idHighBefore: number } => {
  let first = log.length;
  let commands = 0;
  while (first > 0 && commands < commandsMax) {
    first--;
    commands += log[first]?.commandIds.length ?? 0;
  }
  return { tail: log.slice(first), idHighBefore: log[first - 1]?.idHigh ?? 0 };
};

const firstAfter = (log: readonly LogRecord[], seq: number): number => {
  let low = 0;
  let high = log.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((log[middle]?.lastSeq ?? 0) <= seq) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Records that end after a sequence number. */
export const recordsAfter = (log: readonly LogRecord[], seq: number): LogRecord[] =>
  log.slice(firstAfter(log, seq));

/** Records that end after a sequence number until their bytes reach a budget; at least one, if there is one. */
export const recordsWithin = (log: readonly LogRecord[], seq: number, bytesMax: number): LogRecord[] => {
  const records: LogRecord[] = [];
  let bytes = 0;
  for (let at = firstAfter(log, seq); at < log.length && (bytes < bytesMax || records.length === 0); at++) {
    const record = log[at];
    if (!record) break;
    records.push(record);
    bytes += Buffer.byteLength(record.eventsText);
  }
  return records;
};

/** The commands of one record with their own events. */
const commandsIn = (record: LogRecord, wanted: ReadonlySet<string>): CommandRecord[] => {
  if (!record.commandIds.some((id) => wanted.has(id))) return [];
  const events: unknown[] = JSON.parse(record.eventsText);
  let first = 0;
  return record.commandIds.flatMap((commandId, at) => {
    const own = events.slice(first, first + (record.eventCounts[at] ?? 0));
    first += own.length;
    return wanted.has(commandId)
      ? [{ commandId, fingerprint: record.fingerprints[at] ?? 0, eventsText: JSON.stringify(own) }]
      : [];
  });
};

/**
 * Looks for commands in the records committed since a time, from the newest. The time is one inside a command id,
 * and the clocks of clients may be ahead.
 */
export const findInLog = (
  log: readonly LogRecord[],
  commandIds: readonly string[],
  since: number,
): CommandRecord[] => {
  const wanted = new Set(commandIds);
  const found: CommandRecord[] = [];
  for (let at = log.length - 1; at >= 0; at--) {
    const record = log[at];
    if (!record || record.at < since - CLOCK_AHEAD_MS_MAX) break;
    found.push(...commandsIn(record, wanted));
  }
  return found;
};

/** How many records from the beginning are older than a time and end up to a sequence number; the last one stays. */
export const trimmable = (log: readonly LogRecord[], before: number, upTo: number): number => {
  const isOld = (record: LogRecord | undefined): boolean =>
    record !== undefined && record.at < before && record.lastSeq <= upTo;
  let count = 0;
  while (count < log.length - 1 && isOld(log[count])) count++;
  return count;
};
