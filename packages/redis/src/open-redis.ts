import type { Board, Bus, Whispers } from '@agentmix/act-core';
import { makeBoard } from './board.ts';
import { connect } from './connection.ts';
import type { RedisOptions } from './connection.ts';
import { Line } from './line.ts';

export interface Redis {
  readonly bus: Bus;
  readonly whispers: Whispers;
  readonly board: Board;
  close(): Promise<void>;
}

/** Channels know nothing of numbered databases: hubs that share a Redis by number must not hear each other. */
const channelOf = (url: string): string => `act:${new URL(url).pathname.slice(1) || '0'}:hubs`;

/**
 * What hubs share in Redis, over one connection each; `hubId` is of no other hub that ever was. A Redis that does not
 * answer is waited for in the background.
 * @throws RedisRefused
 */
export const openRedis = async (options: RedisOptions & { readonly hubId: string }): Promise<Redis> => {
  const client = await connect(options);
  const line = new Line(client, channelOf(options.url), options.hubId, options.log);
  await line.open();
  return {
    bus: line,
    whispers: line,
    board: makeBoard(client, options.hubId),
    close: async () => {
      await line.close();
      if (client.isOpen) client.destroy();
    },
  };
};
