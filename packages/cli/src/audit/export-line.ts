import { AuditRecord } from '@agentmix/act-contract';

const EVENTS = ',"events":';

/** A record as one line of JSON: its columns, then its events, parsed for whoever reads the line, byte for byte as stored. */
export const exportLine = ({ eventsText, ...columns }: AuditRecord): string =>
  `${JSON.stringify(columns).slice(0, -1)}${EVENTS}${eventsText}}`;

/**
 * Reads a line back into the very record; undefined when it is none. The events are cut out of the line, not written
 * anew: their bytes are what the hash is of. What stands before them holds ids, numbers and hashes only.
 */
export const readExportLine = (line: string): AuditRecord | undefined => {
  const at = line.indexOf(EVENTS);
  if (at < 0 || !line.endsWith('}')) return undefined;
  try {
    const columns = JSON.parse(`${line.slice(0, at)}}`) as object;
    const read = AuditRecord.safeParse({ ...columns, eventsText: line.slice(at + EVENTS.length, -1) });
    return read.success ? read.data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};
