import { fingerprint } from './fingerprint.ts';

const PASSAGES_OF_MESSAGE_MAX = 64;
/** Shorter passages are names, paths, ids and “done”: many agents say the same without having it from each other. */
const PASSAGE_LETTERS_MIN = 32;
const PASSAGE_WORDS_MIN = 5;
/** One changed word changes three sequences of three: a text of eleven words is still alike two thirds. */
const SEQUENCE_WORDS = 3;
const WORDS_OF_MESSAGE_MAX = 128;

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
 * Fingerprints of the passages of a message’s content: every line of its texts that says something. Recognises
 * what is sent on between other lines or dressed differently; other line breaks and other words are for `sequencesOf`.
 * All lines together are no passage: a quotation and the answer that several give to it would be.
 */
export const passagesOf = (content: unknown): number[] => {
  const texts = textsOf(content);
  const lines = texts.flatMap((text) => text.split(/[\r\n]+/));
  const passages = lines.filter(isPassage).map(plain);
  const longest = [...new Set(passages)].sort((a, b) => b.length - a.length);
  return longest.slice(0, PASSAGES_OF_MESSAGE_MAX).map(fingerprint);
};

/**
 * Fingerprints of every three words in a row of a message’s texts, of its first 128 words. They tell texts that are alike
 * but for some words.
 */
export const sequencesOf = (content: unknown): number[] => {
  const words = (textsOf(content).join(' ').match(WORD) ?? [])
    .map(plain)
    .filter((word) => word !== '')
    .slice(0, WORDS_OF_MESSAGE_MAX);
  const sequences = words
    .slice(SEQUENCE_WORDS - 1)
    .map((_, at) => words.slice(at, at + SEQUENCE_WORDS).join(' '));
  return [...new Set(sequences)].map(fingerprint);
};
