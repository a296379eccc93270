import type pg from 'pg';

/** What a statement answered: rows, or the refusal. Notices and copied lines are told with it. */
export interface Answer {
  readonly rows: readonly unknown[];
  readonly count: number;
  readonly refusal?: string;
  readonly heard: readonly string[];
}

/** Texts and ids of project b, as `fill` makes them. */
const SECRET = /b-secret-\d+|-bbbb-7bbb-8bbb-/;

/** Everything that an error or a notice of the server says. */
const described = (told: unknown): string => {
  const { message, detail, hint, where } = told as Partial<pg.DatabaseError>;
  return [message ?? String(told), detail, hint, where].filter(Boolean).join(' | ');
};

/** What the attacker said himself is no news to him. */
const unsaid = (text: string, said: readonly unknown[]): string =>
  said.reduce<string>((left, one) => (one === '' ? left : left.replaceAll(String(one), '')), text);

const WORDS = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|b-secret-\d+/g;

/** One red-team case at work on one connection: runs statements and counts what it sees of project b. */
export class Attack {
  readonly client: pg.Client;
  readonly evidence: string[] = [];
  readonly refusals: string[] = [];
  /** Rows of project b seen or changed, statements that had to be refused and were not, answers that told of it. */
  leaks = 0;
  statements = 0;
  rows = 0;
  /** Channels and payloads of notifications, whenever they came. */
  readonly notified: string[] = [];
  #heard: string[] = [];

  constructor(client: pg.Client) {
    this.client = client;
    client.on('error', () => undefined);
    client.on('notice', (notice) => this.#heard.push(described(notice)));
    client.on('notification', ({ channel, payload }) => this.notified.push(`${channel}: ${payload}`));
    client.connection.on('copyData', ({ chunk }: { chunk: Buffer }) => this.#heard.push(chunk.toString()));
  }

  leak(count: number, what: string): void {
    if (count <= 0) return;
    this.leaks += count;
    if (this.evidence.length < 3) this.evidence.push(what.slice(0, 300));
  }

  /** Counts every row, notice and error text that has something of project b in it. */
  judge(
    answer: Pick<Answer, 'rows' | 'heard' | 'refusal'>,
    text: string,
    values: readonly unknown[] = [],
  ): void {
    const said = [...(`${text} ${JSON.stringify(values)}`.match(WORDS) ?? [])];
    const told = [
      ...answer.rows.map((row) => JSON.stringify(row)),
      ...answer.heard,
      ...(answer.refusal === undefined ? [] : [answer.refusal]),
    ].map((one) => unsaid(one, said));
    const seen = told.filter((one) => SECRET.test(one));
    this.leak(seen.length, `${text}: ${seen[0]}`);
  }

  async ask(text: string, values: readonly unknown[] = []): Promise<Answer> {
    this.statements++;
    this.#heard = [];
    try {
      const result = await this.client.query<Record<string, unknown>>(text, [...values]);
      // Several statements in one text answer with a list.
      const results = Array.isArray(result) ? (result as pg.QueryResult[]) : [result];
      const rows = results.flatMap((one) => one.rows as unknown[]);
      const count = results.reduce((sum, one) => sum + (one.rowCount ?? 0), 0);
      this.rows += rows.length;
      return { rows, count, heard: this.#heard };
    } catch (error) {
      const refusal = described(error);
      if (this.refusals.length < 3) this.refusals.push(refusal);
      return { rows: [], count: 0, refusal, heard: this.#heard };
    }
  }

  /** The same within an open transaction, which goes on whatever becomes of the statement. */
  async attempt(text: string, values: readonly unknown[] = []): Promise<Answer> {
    await this.client.query('savepoint attempt');
    const answer = await this.ask(text, values);
    await this.client.query('rollback to savepoint attempt');
    return answer;
  }

  /** Statements that may answer, with nothing of project b in it. */
  async reads(text: string, values: readonly unknown[] = []): Promise<Answer> {
    const answer = await this.attempt(text, values);
    this.judge(answer, text, values);
    return answer;
  }

  /** Statements that must be refused. */
  async refused(...texts: string[]): Promise<void> {
    for (const text of texts) {
      const answer = await this.reads(text);
      if (answer.refusal === undefined) this.leak(1, `was not refused: ${text}`);
    }
  }

  /** Statements that must change no row, or be refused. */
  async changesNothing(text: string, values: readonly unknown[] = []): Promise<void> {
    const answer = await this.reads(text, values);
    this.leak(answer.count, `${text}: ${answer.count} rows`);
  }

  /** Questions that must have no row as an answer. */
  async none(text: string, values: readonly unknown[] = []): Promise<void> {
    const answer = await this.reads(text, values);
    this.leak(answer.rows.length, `${text}: ${JSON.stringify(answer.rows[0])}`);
  }

  /** The answer must be the same whether the key is one of project b or of nobody. */
  async tellsNotApart(text: string, ofB: readonly unknown[], ofNobody: readonly unknown[]): Promise<void> {
    const shape = async (values: readonly unknown[]): Promise<string> => {
      const { rows, count, refusal = '' } = await this.attempt(text, values);
      return unsaid(JSON.stringify({ rows, count, refusal }), values);
    };
    const [theirs, nobodys] = [await shape(ofB), await shape(ofNobody)];
    if (theirs !== nobodys) this.leak(1, `${text}: ${theirs} against ${nobodys}`);
  }

  /** Begins a transaction bound to a project as the hub binds it. */
  async bind(projectId: string): Promise<void> {
    await this.client.query('begin');
    await this.client.query(
      `select set_config('act.project_id', $1, true), set_config('act.scope', '', true)`,
      [projectId],
    );
  }

  async asHub(): Promise<void> {
    await this.client.query('begin');
    await this.client.query(
      `select set_config('act.project_id', '', true), set_config('act.scope', 'hub', true)`,
    );
  }
}
