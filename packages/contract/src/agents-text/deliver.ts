import { envelope } from './envelope.ts';
import type { Part } from './envelope.ts';
import { weigh } from './weigh.ts';

/** What nobody’s room holds anyway is not weighed: white space is the lightest, and nobody needs so much of it. */
const CHARS_MAX = 8_000;
/** No part is cut for its characters: tokens are what is scarce. */
const UNCUT = { charsMax: 1_000_000 };

/** Not once and for all: a program that has nothing to deliver, as most hooks have, should not weigh anything. */
const frameTokens = (): number => weigh(envelope([]));
const weighPart = (part: Part): number => weigh(envelope([part], UNCUT)) - frameTokens();

/** The beginning of a part, without half a sign at its end. */
const beginning = (part: Part, chars: number): Part => {
  const text = part.text.slice(0, chars).replace(/[\uD800-\uDBFF]$/, '');
  return { ...part, text, charsOfWhole: part.charsOfWhole ?? part.text.length };
};

/** The longest beginning of a part that weighs at most so many tokens; its head alone where not even that fits. */
const fitPart = (part: Part, tokensMax: number): Part => {
  let [fits, over] = [0, part.text.length + 1];
  while (over - fits > 1) {
    const middle = Math.floor((fits + over) / 2);
    if (weighPart(beginning(part, middle)) <= tokensMax) fits = middle;
    else over = middle;
  }
  return beginning(part, fits);
};

/** The share that nobody may exceed so that all fit: what small ones leave is for the large ones. */
const shareOf = (needs: readonly number[], room: number): number => {
  let left = room;
  for (const [at, need] of needs.toSorted((a, b) => a - b).entries()) {
    const share = left / (needs.length - at);
    if (need > share) return share;
    left -= need;
  }
  return Infinity;
};

/** Parts cut so that their envelope weighs at most so many tokens. What fits already stays as it is. */
export const fit = (parts: readonly Part[], tokensMax: number): Part[] => {
  const short = parts.map((part) => (part.text.length > CHARS_MAX ? beginning(part, CHARS_MAX) : part));
  const needs = short.map(weighPart);
  const share = shareOf(needs, tokensMax - frameTokens());
  return short.map((part, at) => ((needs[at] ?? 0) > share ? fitPart(part, share) : part));
};

/** The only way on which text of others reaches an agent: their envelope, of at most so many tokens. */
export const deliver = (parts: readonly Part[], tokensMax: number): string | undefined =>
  parts.length === 0 ? undefined : envelope(fit(parts, tokensMax), UNCUT);
