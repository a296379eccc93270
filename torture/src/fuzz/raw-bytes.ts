import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

const QUIET_MS = 400;

/** Sends bytes over TCP; answers what came back until the hub closed, or was quiet. */
export const exchange = (port: number, chunks: readonly (string | Buffer)[]): Promise<string> =>
  new Promise((resolve) => {
    let received = '';
    const socket: Socket = connect(port, '127.0.0.1', () => {
      for (const chunk of chunks) socket.write(chunk);
    });
    socket.setTimeout(QUIET_MS, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
    // To be reset is one of the answers.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(received));
  });

/** A WebSocket frame of a client, masked as it must be; `claimed` is a length it does not have. */
export const frame = (opcode: number, payload: string | Buffer, claimed?: bigint): Buffer => {
  const body = Buffer.from(payload);
  const mask = randomBytes(4);
  const length = claimed ?? BigInt(body.length);
  const head =
    length < 126n
      ? Buffer.from([0x80 | opcode, 0x80 | Number(length)])
      : Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | 127]), bigBytes(length)]);
  return Buffer.concat([head, mask, body.map((byte, at) => byte ^ (mask[at % 4] ?? 0))]);
};

const bigBytes = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
};
