import { readEnvelope } from '@agentmix/act-contract';

/** As the checker sees it, not as the code under test does: what neither shows nor breaks or indents a line. */
const HIDDEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u034f\u115f\u1160\u180b-\u180f\u2800\u3164\uffa0\u{e0000}-\u{e0fff}]/u;
const MARK = /zq\d{3}k/gi;

/** Counts what came out of the doors wrongly, and which payloads were seen at all. */
export class Judge {
  outside = 0;
  hidden = 0;
  broken = 0;
  texts = 0;
  readonly seen = new Set<string>();
  readonly samples: string[] = [];

  #note(door: string, what: string, line: string): void {
    if (this.samples.length < 20)
      this.samples.push(`${door}: ${what}: ${JSON.stringify(line.slice(0, 160))}`);
  }

  #countHidden(door: string, text: string): void {
    this.texts++;
    for (const line of text.split('\n'))
      if (HIDDEN.test(line.replaceAll('\t', ' '))) {
        this.hidden++;
        this.#note(door, 'hidden', line);
      }
  }

  /** An envelope: every line with words of a payload is quoted, and the whole is read as one. */
  envelope(door: string, text: string): void {
    this.#countHidden(door, text);
    if (!readEnvelope(text.trimEnd())) {
      this.broken++;
      this.#note(door, 'no envelope', text);
    }
    for (const line of text.split('\n')) {
      const marks = line.match(MARK) ?? [];
      if (line.startsWith('| ')) for (const mark of marks) this.seen.add(mark.toLowerCase());
      else if (marks.length > 0) {
        this.outside++;
        this.#note(door, 'outside', line);
      }
    }
  }

  /** Lines for a person: what others wrote stands behind words of ours, on lines that we began. */
  terminal(door: string, text: string, begins: (line: string) => boolean): void {
    this.#countHidden(door, text);
    for (const line of text.split('\n'))
      if (line !== '' && !begins(line)) {
        this.outside++;
        this.#note(door, 'a line of its own', line);
      }
  }

  /** JSON for a program, or one line in an environment: nothing in it may hide. */
  data(door: string, text: string): void {
    this.#countHidden(door, text);
  }

  /** What no text of the project has any business in. */
  ours(door: string, text: string): void {
    this.#countHidden(door, text);
    const marks = text.match(MARK) ?? [];
    this.outside += marks.length;
    if (marks.length > 0) this.#note(door, 'in words of the hub', text);
  }
}
