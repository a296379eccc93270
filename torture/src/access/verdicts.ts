import { codeOf } from './doors.ts';
import type { Seen } from './doors.ts';

/** What was tried: who, what, through which door, and where the other project stood in it. */
export interface Attempt {
  readonly who: string;
  readonly operation: string;
  readonly door: string;
  readonly where: string;
}

const SHOWN_MAX = 20;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** An answer but for the ids in it. */
const withoutIds = ({ ok, status, text }: Seen): string => `${ok} ${status} ${text.replaceAll(UUID, 'id')}`;

/** Collects what went wrong, by kind. */
export class Verdicts {
  attempts = 0;
  /** Operations that anybody tried. */
  readonly tried = new Set<string>();
  readonly leaks: string[] = [];
  readonly distinguishable: string[] = [];
  readonly misnamed: string[] = [];

  /** Counts an attempt. A `leak` is an answer that succeeded, or that held anything of the other project. */
  note(attempt: Attempt, seen: Seen, isLeak: boolean): void {
    this.attempts++;
    this.tried.add(attempt.operation);
    if (isLeak) this.#add(this.leaks, attempt, seen);
  }

  /** The answer has to be a refusal of this name. */
  expectCode(attempt: Attempt, seen: Seen, code: string): void {
    if (codeOf(seen) !== code) this.#add(this.misnamed, attempt, seen, code);
  }

  /** What is there must look like what is not. */
  expectSame(attempt: Attempt, there: Seen, nowhere: Seen): void {
    if (withoutIds(there) !== withoutIds(nowhere))
      this.#add(this.distinguishable, attempt, there, nowhere.text);
  }

  #add(list: string[], { who, operation, door, where }: Attempt, { text }: Seen, instead = ''): void {
    const told = `${who}: ${operation} by ${door}, ${where}: ${text.slice(0, 200)}`;
    list.push(instead === '' ? told : `${told} instead of ${instead.slice(0, 200)}`);
  }

  get shown(): readonly string[] {
    return [...this.leaks, ...this.distinguishable, ...this.misnamed].slice(0, SHOWN_MAX);
  }
}
