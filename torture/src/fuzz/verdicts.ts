/** Longer than this without an answer is a hang. */
export const HANG_MS = 5_000;
const SAMPLES_MAX = 12;

/** What must be in no answer: a stack, a path of the hub's code or data, a word of the database, the key itself. */
const LEAK =
  /node:internal|node_modules|\.[jt]s:\d+|\bat [\w.<>]+ \(|\/packages\/hub|pgdata|SQLSTATE|syntax error at/;

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly hasRetryAfter: boolean;
  readonly ms: number;
}

/** Judges answers as they come, and keeps a few of the bad ones with what was sent. */
export class Verdicts {
  inputs = 0;
  answers = 0;
  status5xx = 0;
  /** 503 with Retry-After: the hub says that it has no room. */
  overloads = 0;
  hangs = 0;
  leaks = 0;
  /** Bodies that are neither JSON nor empty. */
  unreadable = 0;
  slowestMs = 0;
  readonly byStatus: Record<string, number> = {};
  readonly samples: string[] = [];
  readonly #secrets: readonly string[];

  constructor(secrets: readonly string[]) {
    this.#secrets = secrets;
  }

  judge(what: string, answer: Answer, isJson = true): void {
    this.answers++;
    this.byStatus[answer.status] = (this.byStatus[answer.status] ?? 0) + 1;
    this.slowestMs = Math.max(this.slowestMs, answer.ms);
    const { status, hasRetryAfter, text } = answer;
    if (status === 503 && hasRetryAfter) this.overloads++;
    else if (status >= 500) this.#keep('status5xx', what, text);
    if (answer.ms > HANG_MS) this.#keep('hangs', what, text);
    if (LEAK.test(text) || this.#secrets.some((secret) => text.includes(secret)))
      this.#keep('leaks', what, text);
    if (isJson && text !== '' && !isReadable(text)) this.#keep('unreadable', what, text);
  }

  /** An answer of MCP or GraphQL, as JSON or as events: a defect of the hub has status 200 there, and is named inside. */
  judgeInside(what: string, answer: Answer): void {
    this.judge(what, answer, false);
    if (answer.text.includes('"code":"internal"') || answer.text.includes('"code":-32603'))
      this.#keep('status5xx', what, answer.text);
  }

  /** Nothing came back in time, though the connection stood. */
  hung(what: string): void {
    this.#keep('hangs', what, '');
  }

  #keep(field: 'status5xx' | 'hangs' | 'leaks' | 'unreadable', what: string, text: string): void {
    this[field]++;
    if (this.samples.length < SAMPLES_MAX)
      this.samples.push(`${field}: ${what.slice(0, 300)} → ${text.slice(0, 300)}`);
  }

  get areClean(): boolean {
    return this.status5xx + this.hangs + this.leaks + this.unreadable === 0;
  }
}

const isReadable = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
