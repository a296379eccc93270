import { JSON_NODES_MAX, JSON_VALUES_MAX } from '@agentmix/act-contract';
import { describe, expect, it } from 'vitest';
import { tooMuchJson } from './json-bounds.ts';

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const list = (item: string, count: number): string => `[${Array(count).fill(item).join(',')}]`;

describe('bounds of a JSON text', () => {
  it('lets pass what is within them, whatever its strings say', () => {
    for (const text of [
      '{}',
      '',
      'no JSON',
      '"',
      nested(JSON_NODES_MAX),
      list('1', JSON_VALUES_MAX),
      list('{}', JSON_NODES_MAX - 1),
      JSON.stringify({ text: '[{:,'.repeat(200_000), quote: '\\"[[[\\\\"', end: '\\' }),
    ])
      expect([text.slice(0, 40), tooMuchJson(text)]).toEqual([text.slice(0, 40), undefined]);
  });

  it('refuses too many values, objects and keys', () => {
    expect(tooMuchJson(list('1', JSON_VALUES_MAX + 2))?.code).toBe('payload_too_large');
    expect(tooMuchJson(nested(JSON_NODES_MAX + 1))?.code).toBe('payload_too_large');
    expect(tooMuchJson('['.repeat(1_000_000))?.code).toBe('payload_too_large');
    expect(tooMuchJson(list('{}', JSON_NODES_MAX))?.code).toBe('payload_too_large');
    expect(tooMuchJson(`{${'"a":1,'.repeat(JSON_NODES_MAX)}`)?.code).toBe('payload_too_large');
  });

  it('takes processor time in proportion to the text', () => {
    const took = (text: string): number => {
      const started = process.cpuUsage();
      tooMuchJson(text);
      const { user } = process.cpuUsage(started);
      return user / 1_000;
    };
    for (const piece of ['\\', '"\\"', '\\"', '"', ' ', 'ab']) {
      const fastest = Math.min(...[1, 2, 3].map(() => took(`"${piece.repeat(500_000)}`)));
      // Some 30 ms; the square of the length would be hours.
      expect([piece, fastest < 1_000]).toEqual([piece, true]);
    }
  });
});
