/** What an attack did and what it was told. */
export interface Tally {
  opened: number;
  /** Connections that ended otherwise than by us. */
  cut: number;
  sent: number;
  /** Answers by HTTP status; 101 is a WebSocket. */
  readonly statuses: Record<string, number>;
}

export const makeTally = (): Tally => ({ opened: 0, cut: 0, sent: 0, statuses: {} });

const STATUS = /HTTP\/1\.1 (\d{3}) /g;

/** Counts the status lines of what came back. One that is split between two chunks is missed, which is rare. */
export const countStatuses = (tally: Tally, chunk: Buffer): void => {
  for (const [, status = ''] of chunk.toString('latin1').matchAll(STATUS))
    tally.statuses[status] = (tally.statuses[status] ?? 0) + 1;
};
