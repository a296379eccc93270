import { JSON_NODES_MAX, JSON_VALUES_MAX, refusal } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Where the string that begins here ends, at its closing quote or at the end of the text. */
const endOfString = (text: string, start: number): number => {
  let at = start + 1;
  while (at < text.length) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) break;
    at += unit === BACKSLASH ? 2 : 1;
  }
  return at;
};

/**
 * Whether a JSON text is too much to parse at once: a body of 8 MB may be a plan, which takes 30 ms, or four million
 * brackets, which take two seconds in which nobody is served. One pass over the text, 1 ms for each megabyte.
 */
export const tooMuchJson = (text: string): Refusal | undefined => {
  // Nearly every body: it has fewer characters than it might have brackets.
  if (text.length <= Math.min(JSON_NODES_MAX, JSON_VALUES_MAX)) return undefined;
  let [nodes, values] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        break;
      case 0x7b: // {
      case 0x5b: // [
      case 0x3a: // :
        nodes++;
        break;
      case 0x2c: // ,
        values++;
        break;
    }
    if (nodes > JSON_NODES_MAX || values > JSON_VALUES_MAX)
      return refusal(
        'payload_too_large',
        `at most ${JSON_NODES_MAX} objects, lists and keys, and ${JSON_VALUES_MAX} values`,
      );
  }
  return undefined;
};
