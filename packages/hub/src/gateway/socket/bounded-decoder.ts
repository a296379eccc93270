import { Decoder } from 'socket.io-parser';
import { tooMuchJson } from '../json-bounds.ts';

/** The type, the number of attachments, and the namespace, which the hub has only one of. */
const OTHER_NAMESPACE = /^\d(\d*-)?\//;

/**
 * Socket.IO's decoder, which does not begin on more than can be parsed at once, nor answers one by one for ten
 * thousand namespaces: what it throws ends the connection.
 */
export class BoundedDecoder extends Decoder {
  override add(packet: unknown): void {
    if (typeof packet === 'string') {
      if (OTHER_NAMESPACE.test(packet)) throw new Error('no such namespace');
      const reason = tooMuchJson(packet);
      if (reason) throw new Error(reason.code);
    }
    super.add(packet);
  }
}
