/** Scenarios by what was predicted and what was so. */
export interface Score {
  readonly scenarios: number;
  readonly conflicting: number;
  /** Share of the warnings that were right. */
  readonly precision: number;
  /** Share of the conflicts that were warned of. */
  readonly recall: number;
  /** Share of the clean scenarios that were warned of: agents that would be stopped for nothing. */
  readonly blockedForNothing: number;
}

/** Counts predictions against the truth. */
export class Scorer {
  #right = 0;
  #alarms = 0;
  #misses = 0;
  #clean = 0;

  add(isPredicted: boolean, isConflict: boolean): void {
    if (isConflict && isPredicted) this.#right++;
    else if (isConflict) this.#misses++;
    else if (isPredicted) this.#alarms++;
    else this.#clean++;
  }

  score(): Score {
    const conflicting = this.#right + this.#misses;
    const clean = this.#alarms + this.#clean;
    return {
      scenarios: conflicting + clean,
      conflicting,
      precision: this.#right / (this.#right + this.#alarms),
      recall: this.#right / conflicting,
      blockedForNothing: this.#alarms / clean,
    };
  }
}
