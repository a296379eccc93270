import type { HubLogger } from './observe/logger.ts';

const RETRY_MS = 60_000;

/** Wipes what was erased from the server’s files: one run at a time, again after a failure. */
export class ErasureWiper {
  readonly #wipe: () => Promise<number>;
  readonly #logger: HubLogger;
  #running: Promise<void> | undefined;
  #isAsked = false;
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined;

  /** `wipe`: completes the erasures that are not complete, and tells how many they were. */
  constructor(wipe: () => Promise<number>, logger: HubLogger) {
    this.#wipe = wipe;
    this.#logger = logger;
  }

  /** Something was erased, now or before this process began. */
  ask(): void {
    this.#isAsked = true;
    if (this.#isStopped) return;
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#isAsked && !this.#isStopped) {
      this.#isAsked = false;
      try {
        const wiped = await this.#wipe();
        if (wiped > 0) this.#logger.info({ wiped }, 'erased members were wiped from the files');
      } catch (error) {
        this.#logger.warn({ error: String(error) }, 'erased members were not wiped from the files yet');
        this.#timer = setTimeout(() => this.ask(), RETRY_MS);
      }
    }
  }
}
