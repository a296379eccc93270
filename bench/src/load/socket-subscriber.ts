import { EngineSocket } from './engine-socket.ts';
import type { Subscriber, SubscriberEvents } from './crowd.ts';

/** The frame is JSON text inside a JSON string. */
const BOUNDS = /\\"firstSeq\\":(\d+),\\"lastSeq\\":(\d+)/;

interface Answer {
  ok: boolean;
  cursor?: number;
}

/** A Socket.IO connection that follows a project and can also carry commands. */
export class SocketSubscriber implements Subscriber {
  readonly #engine: EngineSocket;
  readonly #answers = new Map<number, (answer: Answer) => void>();
  #calls = 0;
  cursor = 0;

  private constructor(engine: EngineSocket) {
    this.#engine = engine;
  }

  static async open(
    hub: { url: string; token: string },
    projectId: string,
    events: SubscriberEvents,
  ): Promise<SocketSubscriber> {
    const engine = await EngineSocket.open(hub.url);
    const subscriber = new SocketSubscriber(engine);
    await new Promise<void>((resolve, reject) => {
      engine.onLost = reject;
      engine.onText = (text) => {
        if (text.startsWith('0')) engine.send(`40${JSON.stringify({ token: hub.token })}`);
        else if (text.startsWith('40')) resolve();
        else reject(new Error(text));
      };
    });
    engine.onLost = events.onLost;
    engine.onText = (text) => subscriber.#take(text, events);
    const answer = await subscriber.call('subscribe', { projectId });
    subscriber.cursor = answer.cursor ?? 0;
    return subscriber;
  }

  /** Sends an event and waits for its acknowledgement; throws when that is a refusal. */
  async call(event: string, message: unknown): Promise<Answer> {
    const id = this.#calls;
    this.#calls += 1;
    const answered = new Promise<Answer>((resolve) => this.#answers.set(id, resolve));
    this.#engine.send(`42${id}${JSON.stringify([event, message])}`);
    const answer = await answered;
    if (!answer.ok) throw new Error(`${event} was refused: ${JSON.stringify(answer)}`);
    return answer;
  }

  close(): void {
    this.#engine.close();
  }

  #take(text: string, events: SubscriberEvents): void {
    const [, first, last] = text.startsWith('42["frame"') ? (BOUNDS.exec(text) ?? []) : [];
    if (first !== undefined && last !== undefined) {
      this.cursor = Number(last);
      return events.onFrame(Number(first), this.cursor);
    }
    const [, id, list = '[]'] = /^43(\d+)(.*)$/s.exec(text) ?? [];
    if (id === undefined) return events.onLost(new Error(`unexpected: ${text.slice(0, 300)}`));
    // Acknowledgements of this hub have one argument.
    const [answer] = JSON.parse(list) as [Answer];
    this.#answers.get(Number(id))?.(answer);
    this.#answers.delete(Number(id));
  }
}
