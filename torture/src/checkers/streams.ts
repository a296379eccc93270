import type { Entry } from '../history/recorder.ts';

export interface StreamFigures {
  readonly expected: number;
  readonly missing: number;
  readonly duplicates: number;
  readonly outOfOrder: number;
  /** Times that an event came which was not the next one. */
  readonly gaps: number;
}

/** Name of the notes in which a subscriber writes down the sequence numbers it got, in the order it got them. */
export const DELIVERED = 'delivered';

/** Holds what subscribers got after a cursor against a log that ends at `lastSeq`. */
export const judgeStreams = (
  notes: readonly Entry[],
  subscribers: readonly string[],
  lastSeq: number,
): StreamFigures => {
  const total = { expected: subscribers.length * lastSeq, missing: 0, duplicates: 0, outOfOrder: 0, gaps: 0 };
  for (const subscriber of subscribers) {
    const seen = new Uint8Array(lastSeq + 1);
    let cursor = 0;
    for (const note of notes) {
      if (note.name !== DELIVERED || note.process !== subscriber) continue;
      for (const seq of note.output as number[]) {
        if (seen[seq]) total.duplicates++;
        else if (seq < cursor) total.outOfOrder++;
        else if (seq !== cursor + 1) total.gaps++;
        seen[seq] = 1;
        cursor = Math.max(cursor, seq);
      }
    }
    for (let seq = 1; seq <= lastSeq; seq++) if (!seen[seq]) total.missing++;
  }
  return total;
};
