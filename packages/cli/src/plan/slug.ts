import { KEY_CHARS_MAX } from './limits.ts';

const SLUG_CHARS_MAX = 48;
const HASH_CHARS = 8;

/** FNV-1a over UTF-16 units, 32 bits, 8 hexadecimal digits: tells long names apart, protects nothing. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(HASH_CHARS, '0');
}

/** Letters and digits of any script, lower case, joined by '-'. Long texts end in a hash of the whole text. */
export function slugOf(text: string): string {
  const words = text
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-');
  const slug = words.replaceAll(/^-|-$/g, '');
  if (slug === '') return `item-${shortHash(text)}`;
  if (slug.length <= SLUG_CHARS_MAX) return slug;
  const head = slug.slice(0, SLUG_CHARS_MAX - HASH_CHARS - 1).replace(/[\uD800-\uDBFF]$/, '');
  return `${head}-${shortHash(slug)}`;
}

/** Slugs joined by '/'; a path too long for a key keeps its last part and a hash of the rest. */
export function pathKey(parts: readonly string[]): string {
  const whole = parts.join('/');
  if (whole.length <= KEY_CHARS_MAX - HASH_CHARS) return whole;
  return `${shortHash(parts.slice(0, -1).join('/'))}/${parts.at(-1) ?? ''}`;
}
