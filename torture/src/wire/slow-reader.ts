import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Address } from './rest.ts';

const HEAD = /^id: (\d+)\nevent: frame\ndata: (?:.*?)"firstSeq":(\d+).*?"timestamp":"([^"]+)"/s;

/**
 * A server-sent stream on a bare connection that reads only while it is let to, and comes back with its cursor when
 * it is closed. Of a frame it looks at no more than its place and its time.
 */
export class SlowReader {
  readonly #address: Address;
  readonly #projectId: string;
  readonly #reopenMsMax: number;
  #response: IncomingMessage | undefined;
  #isReading = true;
  #isStopped = false;
  cursor = 0;
  /** Frames that did not begin where the one before ended. */
  gaps = 0;
  /** How often it was closed and came back. */
  reopened = 0;
  /** From the time that a frame was decided at to its arrival, in milliseconds. */
  delays: number[] = [];
  /** The longest time between two frames so far, in milliseconds; who reads it may set it to 0. */
  silenceMsMax = 0;
  #heardAt = performance.now();

  /** `reopenMsMax`: who was cut off comes back at some moment within this time. */
  constructor(address: Address, projectId: string, reopenMsMax = 100) {
    this.#reopenMsMax = reopenMsMax;
    this.#address = address;
    this.#projectId = projectId;
    void this.#follow();
  }

  /** Reads from now on, or no more. */
  read(isReading: boolean): void {
    this.#isReading = isReading;
    if (isReading) this.#response?.resume();
    else this.#response?.pause();
  }

  stop(): void {
    this.#isStopped = true;
    this.#response?.destroy();
  }

  async #follow(): Promise<void> {
    for (; !this.#isStopped; this.reopened++) {
      await this.#open().catch(() => undefined);
      await sleep(this.#reopenMsMax * Math.random());
    }
  }

  #open(): Promise<void> {
    const { url, token } = this.#address;
    const headers = { authorization: `Bearer ${token}` };
    const target = `${url}/v1/projects/${this.#projectId}/events?after=${this.cursor}`;
    return new Promise((resolve, reject) => {
      const request = get(target, { agent: false, headers }, (response) => {
        this.#response = response;
        let waiting = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          const parts = (waiting + chunk).split('\n\n');
          waiting = parts.pop() ?? '';
          for (const part of parts) this.#take(part);
        });
        response.once('close', resolve);
        this.read(this.#isReading);
      });
      request.once('error', reject);
    });
  }

  #take(part: string): void {
    const [, last, first, timestamp = ''] = HEAD.exec(part) ?? [];
    if (last === undefined) return;
    if (Number(first) !== this.cursor + 1) this.gaps++;
    this.cursor = Number(last);
    this.silenceMsMax = Math.max(this.silenceMsMax, performance.now() - this.#heardAt);
    this.#heardAt = performance.now();
    this.delays.push(Date.now() - Date.parse(timestamp));
  }
}
