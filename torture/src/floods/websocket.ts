/** The request that makes a connection a WebSocket to the hub's Socket.IO door. */
export const handshakeOf = (): string =>
  [
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    '',
    '',
  ].join('\r\n');

const FINAL_TEXT = 0x81;
const MASKED = 0x80;

/** A text frame of RFC 6455 as clients send it; its mask is zero, which leaves ASCII as it is. */
export const textFrame = (text: string): Buffer => {
  const { length } = text;
  const header =
    length < 126
      ? Buffer.from([FINAL_TEXT, MASKED | length])
      : length < 65_536
        ? Buffer.from([FINAL_TEXT, MASKED | 126, length >> 8, length & 0xff])
        : Buffer.concat([Buffer.from([FINAL_TEXT, MASKED | 127, 0, 0, 0, 0]), lengthBytes(length)]);
  return Buffer.concat([header, Buffer.alloc(4), Buffer.from(text, 'latin1')]);
};

const lengthBytes = (length: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return bytes;
};
