import { subscribe } from 'node:diagnostics_channel';
import type { EventEmitter } from 'node:events';

/** Where the driver tells of every object it makes. */
const INSTANCES = 'plt:kafka:instances';

/**
 * A connection of the driver tells of its end by an event, also when its pool listens no more: brokers that hang up
 * while the hub says who it is would end the process. Whoever waits for the connection hears of it all the same.
 */
export const hearConnectionErrors = (): void =>
  subscribe(INSTANCES, (message) => {
    // The driver’s own form of it.
    const { type, instance } = message as { readonly type: string; readonly instance: EventEmitter };
    if (type === 'connection') instance.on('error', () => undefined);
  });
