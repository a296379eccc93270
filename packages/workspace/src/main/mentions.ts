import { KEY_CHARS_MAX, MENTIONS_MAX } from '@agentmix/act-contract';

const MESSAGE_CHARS_MAX = 16_384;
const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
/** What is a name by its shape: an id, an issue (#12), or letters, a hyphen and something with a digit (ACT-12). */
const SHAPED = `(?:${UUID}|#\\d+|[A-Za-z][A-Za-z0-9]*-[A-Za-z0-9.]*\\d[A-Za-z0-9]*)(?![\\w-])`;
const PLAIN = '[^\\s,;]+';
const listOf = (name: string): string => `(${name}(?:(?:\\s*,\\s*|\\s+and\\s+)${name})*)`;
const CLOSES = '(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?|complete[sd]?|finish(?:e[sd])?|implement(?:s|ed)?)';

const inText = new RegExp(`\\b${CLOSES}:?\\s+${listOf(SHAPED)}`, 'gi');
const inTrailer = new RegExp(`^(?:task|${CLOSES})\\s*:[ \\t]*${listOf(PLAIN)}[ \\t]*$`, 'gim');
const inSubject = new RegExp(
  `(?<!(?:refs?|see|for|after|before|of|on|by|towards?|since|wip)[: ]+)(?<![\\w-])(${SHAPED})`,
  'gi',
);

const namesIn = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].flatMap(([, list = '']) => list.split(/\s*,\s*|\s+and\s+/));

/** Whether a commit takes another one back: it does nothing that its message names. */
export const isRevert = (message: string): boolean => /^revert\b/i.test(message);

const mentionsIn = (message: string): string[] => {
  if (isRevert(message)) return [];
  const text = message.slice(0, MESSAGE_CHARS_MAX);
  const [subject = ''] = text.split('\n', 1);
  return [...namesIn(subject, inSubject), ...namesIn(text, inText), ...namesIn(text, inTrailer)];
};

/**
 * What messages of commits say that they do: ids, issues and keys in the subject, unless a word before them says that
 * they are only talked about; in the body those after a closing word; and any word of a trailer such as `Task: login`.
 */
export const mentionsOf = (messages: readonly string[]): string[] =>
  [...new Set(messages.flatMap(mentionsIn))]
    .filter((name) => name.length <= KEY_CHARS_MAX)
    .slice(0, MENTIONS_MAX);
