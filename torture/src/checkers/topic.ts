import type { CloudEvent } from '@agentmix/act-contract';
import type { TopicMessage } from '@agentmix/act-kafka';
import type { LogEvent } from './database.ts';

/** What a consumer has of each project that takes events in order and leaves out those it has had. */
export class DedupingConsumer {
  readonly #events = new Map<string, CloudEvent[]>();
  repeated = 0;
  /** Events that came before one that precedes them. */
  gaps = 0;

  take({ projectId, seq, value }: TopicMessage): void {
    const events = this.#events.get(projectId) ?? [];
    this.#events.set(projectId, events);
    const last = this.seq(projectId);
    if (seq <= last) this.repeated++;
    else {
      if (seq !== last + 1) this.gaps++;
      // Our own hub has made it, as the contract says.
      events.push(JSON.parse(value) as CloudEvent);
    }
  }

  seq(projectId: string): number {
    return Number(this.#events.get(projectId)?.at(-1)?.sequence ?? 0);
  }

  /** Events of the log that it does not have, and those that it has otherwise. */
  compare(projectId: string, log: readonly LogEvent[]): { readonly lost: number; readonly altered: number } {
    const had = new Map(this.#events.get(projectId)?.map((event) => [event.id, event]));
    let [lost, altered] = [0, 0];
    for (const { id, type, timestamp, data } of log) {
      const event = had.get(id);
      if (!event) lost++;
      else if (
        JSON.stringify([event.type, event.time, event.data]) !== JSON.stringify([type, timestamp, data])
      )
        altered++;
    }
    return { lost, altered };
  }
}
