/** One thing that was looked at; `mend` where it is not as it should be. */
export interface Finding {
  readonly what: string;
  readonly is: string;
  readonly mend?: string;
}

export const fine = (what: string, is: string): Finding => ({ what, is });
export const broken = (what: string, is: string, mend: string): Finding => ({ what, is, mend });
