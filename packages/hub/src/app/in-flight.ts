/**
 * Under load batches are decided while those before are being flushed to disk (decision 1): with 4 the processor is busy 15 % more
 * than with 2. Below, one at a time: small batches cost twice as much a command, and wait longer.
 */
export const IN_FLIGHT_MAX = 4;

/** A batch that was sent and is not back. */
export interface Sent {
  /** How many batches of the lane were sent before it. */
  readonly at: number;
  /** Whether its commit proves that it was decided on the newest state. */
  readonly isProving: boolean;
  /** False when nothing of it was written, or of one before it: a batch is in only after all before it. */
  readonly settled: Promise<boolean>;
}

/** The batches of a lane that are on their way to the store, in their order. */
export class InFlight {
  #sent: readonly Sent[] = [];
  #count = 0;

  get length(): number {
    return this.#sent.length;
  }

  /** How many were sent so far, those that are back included. */
  get count(): number {
    return this.#count;
  }

  /** Resolves when the one that was sent first is back. */
  get first(): Promise<boolean> | undefined {
    return this.#sent[0]?.settled;
  }

  get last(): Sent | undefined {
    return this.#sent.at(-1);
  }

  /** It counts until it is in or failed. */
  add(isProving: boolean, outcome: Promise<boolean>): void {
    const settled = outcome.finally(() => {
      this.#sent = this.#sent.filter((one) => one !== sent);
    });
    const sent = { at: this.#count++, isProving, settled };
    this.#sent = [...this.#sent, sent];
  }

  /** Resolves when all that are under way now are back. */
  async whenBack(): Promise<void> {
    await Promise.all(this.#sent.map(({ settled }) => settled));
  }
}
