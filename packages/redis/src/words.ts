/** What a hub says to the others in one message. */
export interface Words {
  /** Who says it. */
  readonly hub: string;
  /** How far the logs of these projects reach. */
  readonly moved: readonly (readonly [projectId: string, seq: number])[];
  /** The speaker’s monotonic time, in its beats. */
  readonly beat?: number;
  /** Whispers by topic. */
  readonly told?: Readonly<Record<string, string>>;
}

/** More than a hub ever says: of others on the channel nothing larger is read. */
const BYTES_MAX = 1_048_576;

const isMoved = (one: unknown): one is readonly [string, number] =>
  Array.isArray(one) && one.length === 2 && typeof one[0] === 'string' && Number.isSafeInteger(one[1]);

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Reads a message; nothing where it is none: whoever may write to the channel may write anything. */
export const readWords = (text: string): Words | undefined => {
  if (text.length > BYTES_MAX) return undefined;
  const words = parse(text);
  if (typeof words !== 'object' || words === null) return undefined;
  const { hub, moved, beat, told } = words as Record<string, unknown>;
  if (typeof hub !== 'string' || !Array.isArray(moved)) return undefined;
  const texts = Object.entries(typeof told === 'object' && told !== null ? told : {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return {
    hub,
    moved: moved.filter(isMoved),
    told: Object.fromEntries(texts),
    ...(typeof beat === 'number' ? { beat } : {}),
  };
};
