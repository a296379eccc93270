import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeSeenIds, remember, SEEN_IDS_MAX } from './seen-ids.ts';

const id = (at: number): string => `01900000-0000-7000-8000-${String(at).padStart(12, '0')}`;

describe('remembered ids', () => {
  it('tell a repeated delivery from a replay', () => {
    const seen = makeSeenIds();
    expect(remember(seen, id(1), 'm1')).toBe('new');
    expect(remember(seen, id(1), 'm1')).toBe('again');
    expect(remember(seen, id(1), 'm2')).toBe('replayed');
    expect(remember(seen, id(0), 'm0')).toBe('new');
  });

  it('never take the same id as new twice, in whatever order ids come, and stay within their bound', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(3 * SEEN_IDS_MAX), { maxLength: 4 * SEEN_IDS_MAX, size: 'max' }),
        (numbers) => {
          const seen = makeSeenIds();
          const taken = new Set<number>();
          for (const [at, number] of numbers.entries()) {
            if (remember(seen, id(number), `m${at}`) !== 'new') continue;
            expect(taken.has(number)).toBe(false);
            taken.add(number);
          }
          expect(seen.messageIds.size).toBeLessThanOrEqual(SEEN_IDS_MAX);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('take rising ids without end', () => {
    const seen = makeSeenIds();
    for (let at = 0; at < 3 * SEEN_IDS_MAX; at++) expect(remember(seen, id(at), `m${at}`)).toBe('new');
    expect(remember(seen, id(0), 'm0')).toBe('replayed');
    expect(remember(seen, id(3 * SEEN_IDS_MAX - 1), 'other')).toBe('replayed');
  });
});
