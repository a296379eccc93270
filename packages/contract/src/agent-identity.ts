/** As long as an AgentId may be. */
const CHARS_MAX = 100;
const HASH_DIGITS = 32;
const MARK = '@@';

/** Characters that stand for themselves in a part of an id: those of an AgentId but `:`, which parts, and `@`, which escapes. */
const PLAIN = /^[A-Za-z0-9._-]$/;

/** Every other byte of its UTF-8 becomes `@` and two hexadecimal digits, so that no two texts become one. */
const escapePart = (text: string): string => {
  const bytes = (char: string): string[] =>
    [...new TextEncoder().encode(char)].map((byte) => `@${byte.toString(16).padStart(2, '0')}`);
  return Array.from(text, (char) => (PLAIN.test(char) ? char : bytes(char).join(''))).join('');
};

const FNV_BASIS = 0x6c62272e07bb014262b821756295c58dn;
const FNV_PRIME = 0x0000000001000000000000000000013bn;

/**
 * FNV-1a of 128 bits (Fowler, Noll, Vo), hexadecimal. Enough to keep apart what vendors draw at random. It need not
 * withstand who seeks two ids with one hash: whoever may name one agent may name it outright.
 */
const hashOf = (text: string): string => {
  let hash = FNV_BASIS;
  for (const byte of new TextEncoder().encode(text))
    hash = BigInt.asUintN(128, (hash ^ BigInt(byte)) * FNV_PRIME);
  return hash.toString(16).padStart(HASH_DIGITS, '0');
};

/**
 * The one id of an agent session, for hooks, MCP and the command line alike: the client and its vendor's session id,
 * and for a subagent its id below them, `claude-code:3f1a…` or `claude-code:3f1a…:a07`. The same three always give
 * the same AgentId and different ones different ids: odd characters are escaped, what is too long ends in a hash of
 * the whole. It outlives resuming, compaction and restarts as the vendor's session id does.
 */
export const agentIdOf = (client: string, vendorSessionId: string, subagentId?: string): string => {
  const parts = [client, vendorSessionId, ...(subagentId === undefined ? [] : [subagentId])];
  const escaped = parts.map(escapePart).join(':');
  // An AgentId begins with a letter or digit. Escapes never hold the mark, so what is put before it is unmistakable.
  const id = /^[A-Za-z0-9]/.test(escaped) ? escaped : `x${MARK}${escaped}`;
  if (id.length <= CHARS_MAX) return id;
  return id.slice(0, CHARS_MAX - MARK.length - HASH_DIGITS) + MARK + hashOf(id);
};

/** Below this key of the live state an agent's hooks tell how often they went on without the hub. */
export const FAIL_OPENS_PREFIX = 'fail-opens/';
