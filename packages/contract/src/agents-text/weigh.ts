/** What no person writes, words of either case, white space, anything else sign by sign. */
const PIECES = /[A-Za-z0-9+/]{13,64}|[A-Z]?[a-z]{1,12}|[A-Z]{1,4}|\s+|./gsu;
/** Made when needed, as in hidden.ts. */
const isWide = (piece: string): boolean =>
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Cyrillic}]$/u.test(piece);

/** Tokens of a piece, on the safe side: signs of rare scripts cost one for each byte of UTF-8, a line end one of its own. */
const weighPiece = (piece: string): number => {
  if (piece.length > 12) return piece.length * 0.75;
  if (/^[A-Za-z]/.test(piece)) return Math.ceil(piece.length / 5);
  if (/^\s/.test(piece)) return piece.includes('\n') ? 1.2 : 0.3;
  if (/^[!-~]/.test(piece)) return 0.8;
  return isWide(piece) ? 1.4 : new TextEncoder().encode(piece).length * 1.1;
};

/** What a text weighs in tokens at most. */
export const weigh = (text: string): number => {
  let tokens = 0;
  for (const [piece] of text.matchAll(PIECES)) tokens += weighPiece(piece);
  return Math.ceil(tokens);
};
