import type { Stage } from './processes/stage.ts';

/** Sizes of a row: each can be set with a flag of its name. */
export type Sizes<Names extends string> = Readonly<Record<Names, number>>;

export interface RowContext<Names extends string> {
  readonly sizes: Sizes<Names>;
  readonly stage: Stage;
  readonly log: (line: string) => void;
}

/** What a row found. `passed` is the verdict over all other fields. */
export type Figures = Readonly<Record<string, unknown>> & { readonly passed: boolean };

export interface Row {
  readonly name: string;
  readonly summary: string;
  /** Each size: what the full row takes, and what `--short` takes. */
  readonly sizes: Readonly<Record<string, readonly [full: number, short: number]>>;
  readonly run: (context: RowContext<string>) => Promise<Figures>;
}

/** A row with its sizes known by name where it runs. */
export const defineRow = <Names extends string>(row: {
  readonly name: string;
  readonly summary: string;
  readonly sizes: Readonly<Record<Names, readonly [full: number, short: number]>>;
  readonly run: (context: RowContext<Names>) => Promise<Figures>;
}): Row => row;
