import type { FramedEvent, NewEvent } from '@agentmix/act-contract';
import type { Letter } from './changes.ts';
import { fingerprint } from './fingerprint.ts';

/** Memory is bounded by these: some 400 kB a project at the most. */
const MESSAGES_MAX = 4_096;
const PASSAGES_MAX = 4_096;
const PASSAGES_OF_MESSAGE_MAX = 64;
/** Shorter passages are names, paths, ids and “done”: many agents say the same without having it from each other. */
const PASSAGE_LETTERS_MIN = 32;
const PASSAGE_WORDS_MIN = 5;
export const TALK_MS = 60_000;

interface Said {
  readonly at: number;
  readonly agentId: string;
  /** The message that began the thread. */
  readonly threadId: string;
  readonly hops: number;
}

/** Who said a passage, the first one first; until it was silent for a minute. */
interface Passage {
  readonly agentIds: Set<string>;
  at: number;
}

/**
 * What a project’s agents said lately. No row keeps it: threads and rates come back from the log’s newest records,
 * passages are forgotten with the process. They are fingerprints of private text, which the log must not quote.
 */
export interface Talk {
  /** Oldest first. */
  readonly messages: Said[];
  /** By fingerprint, the longest silent first. */
  readonly passages: Map<number, Passage>;
}

export const makeTalk = (passages: Talk['passages'] = new Map()): Talk => ({ messages: [], passages });

/** Notes a message that was accepted. `at` is epoch milliseconds of its record. */
export const hear = (talk: Talk, event: NewEvent | FramedEvent, at: number): void => {
  if (event.type !== 'message.sent' && event.type !== 'update.broadcast') return;
  const { messageId, threadId = messageId, hops = 0 } = event.data;
  talk.messages.push({ at, agentId: event.agentId ?? '', threadId, hops });
  if (talk.messages.length > MESSAGES_MAX) talk.messages.shift();
};

/** Notes what the message said, so that it is recognised when others send it on. */
export const hearContent = (talk: Talk, letter: Letter, at: number): void => {
  for (const print of passagesOf(letter.content)) {
    const known = talk.passages.get(print);
    const passage = known && at - known.at < TALK_MS ? known : { agentIds: new Set<string>(), at };
    passage.agentIds.add(letter.senderAgentId);
    passage.at = at;
    talk.passages.delete(print);
    talk.passages.set(print, passage);
  }
  for (const print of talk.passages.keys()) {
    if (talk.passages.size <= PASSAGES_MAX) break;
    talk.passages.delete(print);
  }
};

/** Times of the agent’s messages in the last minute, oldest first. */
export const timesOf = ({ messages }: Talk, agentId: string, now: number): number[] => {
  const first = messages.findLastIndex(({ at }) => now - at >= TALK_MS) + 1;
  return messages.slice(first).flatMap((said) => (said.agentId === agentId ? [said.at] : []));
};

/** How often the thread was passed on so far; 0 for one that is not known. */
export const hopsOf = ({ messages }: Talk, threadId: string): number =>
  messages.reduce((most, said) => (said.threadId === threadId ? Math.max(most, said.hops) : most), 0);

/** The agents that said the passage in the last minute, the first one first. */
export const sayersOf = ({ passages }: Talk, print: number, now: number): readonly string[] => {
  const passage = passages.get(print);
  return passage && now - passage.at < TALK_MS ? [...passage.agentIds] : [];
};

// Scripts that write without spaces count by the character.
const WORD =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]|[^\s\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]+/gu;

/** What is left of a text that was dressed up: letters and digits in one case, nothing that does not show. */
const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');

const isPassage = (text: string): boolean =>
  plain(text).length >= PASSAGE_LETTERS_MIN && (text.match(WORD)?.length ?? 0) >= PASSAGE_WORDS_MIN;

const textsOf = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(textsOf) : [];
};

/**
 * Fingerprints of the passages of a message’s content: every line of its texts that says something, and all of them
 * together. Recognises what is sent on between other lines or dressed differently, not what a model puts into other
 * words.
 */
export const passagesOf = (content: unknown): number[] => {
  const texts = textsOf(content);
  const lines = texts.flatMap((text) => text.split(/[\r\n]+/));
  const passages = [...lines, texts.join(' ')].filter(isPassage).map(plain);
  const longest = [...new Set(passages)].sort((a, b) => b.length - a.length);
  return longest.slice(0, PASSAGES_OF_MESSAGE_MAX).map(fingerprint);
};
