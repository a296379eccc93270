/** Characters of a document, its tokens, and documents that are kept parsed, in all their characters. */
export const TEXT_CHARS_MAX = 32_768;
export const TOKENS_MAX = 1_000;
export const KEPT_CHARS_MAX = 1_048_576;
/** Fields in one another, further names of fields, and directives. */
export const DEPTH_MAX = 10;
export const ALIASES_MAX = 15;
export const DIRECTIVES_MAX = 20;
/** Objects that an answer may have; ten of their fields count as one more. */
export const COST_MAX = 5_000;
