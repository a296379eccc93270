import { envelope, fit, weigh } from '@agentmix/act-contract/agents-text';
import type { Part } from '@agentmix/act-contract/agents-text';

/** Clients cut what a hook says at 10,000 characters; two of these and our own words stay below. */
const ENVELOPE_CHARS_MAX = 3_500;
/** A text of which less than this can be told is left out. */
const PART_TOKENS_MIN = 24;
const QUOTE_TOKENS_DEFAULT = 750;

/** Words of others, and how many of the parts had room. */
export interface Quoted {
  readonly text?: string;
  readonly shown: number;
}

/** The least that these parts need: their heads, and a few words of each. */
const leastTokens = (parts: readonly Part[]): number =>
  weigh(envelope(parts.map((part) => ({ ...part, text: '' })))) + parts.length * PART_TOKENS_MIN;

/**
 * The one place where words of others come into what an agent reads: as data, labelled as such. The first of them, as
 * many as there is room for.
 */
export const quote = (parts: readonly Part[], tokensMax = QUOTE_TOKENS_DEFAULT): Quoted => {
  let shown = parts.length;
  while (shown > 0 && leastTokens(parts.slice(0, shown)) > tokensMax) shown--;
  if (shown === 0) return { shown };
  const fitting = fit(parts.slice(0, shown), tokensMax);
  return { text: envelope(fitting, { charsMax: ENVELOPE_CHARS_MAX }), shown };
};

export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
