/** How many messages of one sender are remembered. */
export const SEEN_IDS_MAX = 1_024;

/** The ids of sealed messages opened from one sender, each with the hub’s own id of the message. */
export interface SeenIds {
  readonly messageIds: Map<string, string>;
  /** The highest id forgotten. Ids are UUIDv7 and rise with time: one up to here may have been seen. */
  floor: string;
}

export const makeSeenIds = (): SeenIds => ({ messageIds: new Map(), floor: '' });

/**
 * Notes a message. `again`: the hub delivers the same message once more, which it may. `replayed`: its sealed
 * content came before in another message, or is older than what is remembered and cannot be told from one that did.
 */
export const remember = (
  seen: SeenIds,
  sealedId: string,
  messageId: string,
): 'new' | 'again' | 'replayed' => {
  const known = seen.messageIds.get(sealedId);
  if (known !== undefined) return known === messageId ? 'again' : 'replayed';
  if (sealedId <= seen.floor) return 'replayed';
  seen.messageIds.set(sealedId, messageId);
  if (seen.messageIds.size > SEEN_IDS_MAX) {
    let oldest = sealedId;
    for (const id of seen.messageIds.keys()) if (id < oldest) oldest = id;
    seen.messageIds.delete(oldest);
    seen.floor = oldest;
  }
  return 'new';
};
