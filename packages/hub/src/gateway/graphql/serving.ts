import { makeEngine } from './engine.ts';
import { makeOverHttp } from './http/over-http.ts';
import type { OverHttp } from './http/over-http.ts';
import { makeReadFrame } from './live/follow.ts';
import { makeOverWebSocket } from './live/over-websocket.ts';
import type { OverWebSocket, WebSocketParts } from './live/over-websocket.ts';

/** What answers at the door, over each of its transports. */
export interface Serving {
  readonly overHttp: OverHttp;
  readonly overWebSocket: OverWebSocket;
}

export const makeServing = async (parts: WebSocketParts): Promise<Serving> => {
  const engine = await makeEngine();
  const read = makeReadFrame();
  return {
    overHttp: makeOverHttp(engine, parts, read),
    overWebSocket: makeOverWebSocket(engine, parts, read),
  };
};
