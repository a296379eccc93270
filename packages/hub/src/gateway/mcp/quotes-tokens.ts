/** With the facts and the hub’s own words an answer stays below 2,000 tokens. */
export const QUOTES_TOKENS_MAX = 1_250;
