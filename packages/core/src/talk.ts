import type { FramedEvent, NewEvent } from '@agentmix/act-contract';
import type { Letter } from './changes.ts';
import { noteContention } from './conflict/refusals.ts';
import type { Contentions, Refusals } from './conflict/refusals.ts';
import { noteSaid } from './passage.ts';
import type { Passage } from './passage.ts';
import { passagesOf, sequencesOf } from './text-prints.ts';

/** Memory is bounded by these: some 2 MB a project at the most. */
const MESSAGES_MAX = 4_096;
const PASSAGES_MAX = 4_096;
const SEQUENCES_MAX = 8_192;
/** Texts are alike that share two thirds of the sequences of the shorter one, and so many at least. */
const ALIKE_SHARE = 2 / 3;
const ALIKE_SEQUENCES_MIN = 9;
export const TALK_MS = 60_000;

interface Said {
  readonly at: number;
  readonly agentId: string;
  /** The message that began the thread. */
  readonly threadId: string;
  readonly hops: number;
}

/** What was said in some wording; its newest one had so many sequences. */
interface Telling extends Passage {
  sequences: number;
}

/** What the log does not tell, fingerprints of private text and refusals: forgotten with the process. */
export interface Heard extends Refusals {
  /** By fingerprint, the longest silent first. */
  readonly passages: Map<number, Passage>;
  /** By the fingerprints of sequences of words, the longest silent first. */
  readonly tellings: Map<number, Telling>;
}

/** What a project’s agents said lately. No row keeps it: threads, rates and contentions come back from the log’s newest records. */
export interface Talk extends Heard, Contentions {
  /** Oldest first. */
  readonly messages: Said[];
}

export const makeHeard = (): Heard => ({ passages: new Map(), tellings: new Map(), refused: new Map() });
export const makeTalk = (heard: Heard = makeHeard()): Talk => ({
  messages: [],
  contended: new Map(),
  ...heard,
});

/** Notes a message that was accepted, or a contention that was raised. `at` is epoch milliseconds of its record. */
export const hear = (talk: Talk, event: NewEvent | FramedEvent, at: number): void => {
  if (event.type === 'conflict.detected') {
    const { conflictType, involvedAgents, place } = event.data;
    if (conflictType === 'resource_contention' && place !== undefined)
      noteContention(talk, involvedAgents, place, at);
  }
  if (event.type !== 'message.sent' && event.type !== 'update.broadcast') return;
  const { messageId, threadId = messageId, hops = 0 } = event.data;
  talk.messages.push({ at, agentId: event.agentId ?? '', threadId, hops });
  if (talk.messages.length > MESSAGES_MAX) talk.messages.shift();
};

const isFresh = (passage: Passage | undefined, now: number): boolean =>
  passage !== undefined && now - passage.at < TALK_MS;

const keep = <T>(map: Map<number, T>, print: number, value: T, entriesMax: number): void => {
  map.delete(print);
  map.set(print, value);
  for (const oldest of map.keys()) {
    if (map.size <= entriesMax) return;
    map.delete(oldest);
  }
};

const newPassage = (at: number): Passage => ({
  agentIds: new Set(),
  reached: new Map(),
  told: new Map(),
  at,
});

/** What was said within a minute in nearly the same words, if anything was. */
const tellingOf = ({ tellings }: Heard, prints: readonly number[], now: number): Telling | undefined => {
  const counts = new Map<Telling, number>();
  for (const print of prints) {
    const telling = tellings.get(print);
    if (telling && isFresh(telling, now)) counts.set(telling, (counts.get(telling) ?? 0) + 1);
  }
  const [likest] = [...counts].sort(([, one], [, other]) => other - one);
  if (!likest) return undefined;
  const [telling, shared] = likest;
  const wanted = ALIKE_SHARE * Math.min(prints.length, telling.sequences);
  return shared >= Math.max(wanted, ALIKE_SEQUENCES_MIN) ? telling : undefined;
};

/** Notes what the message said, so that it is recognised when others send it on. */
export const hearContent = (talk: Heard, letter: Letter, at: number): void => {
  for (const print of passagesOf(letter.content)) {
    const known = talk.passages.get(print);
    const passage = known && isFresh(known, at) ? known : newPassage(at);
    noteSaid(passage, letter, at);
    keep(talk.passages, print, passage, PASSAGES_MAX);
  }
  const prints = sequencesOf(letter.content);
  if (prints.length < ALIKE_SEQUENCES_MIN) return;
  const telling = tellingOf(talk, prints, at) ?? { ...newPassage(at), sequences: 0 };
  noteSaid(telling, letter, at);
  telling.sequences = prints.length;
  for (const print of prints) keep(talk.tellings, print, telling, SEQUENCES_MAX);
};

/** Times of the agent’s messages in the last minute, oldest first. */
export const timesOf = ({ messages }: Talk, agentId: string, now: number): number[] => {
  const first = messages.findLastIndex(({ at }) => now - at >= TALK_MS) + 1;
  return messages.slice(first).flatMap((said) => (said.agentId === agentId ? [said.at] : []));
};

/** How often the thread was passed on so far; 0 for one that is not known. */
export const hopsOf = ({ messages }: Talk, threadId: string): number =>
  messages.reduce((most, said) => (said.threadId === threadId ? Math.max(most, said.hops) : most), 0);

/** What of the content was said within the last minute: word for word, and in nearly the same words. */
export const saidBefore = (
  talk: Heard,
  content: unknown,
  now: number,
): { readonly passages: readonly Passage[]; readonly telling: Passage | undefined } => ({
  passages: passagesOf(content).flatMap((print) => {
    const passage = talk.passages.get(print);
    return passage && isFresh(passage, now) ? [passage] : [];
  }),
  telling: tellingOf(talk, sequencesOf(content), now),
});
