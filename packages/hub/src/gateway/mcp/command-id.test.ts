import { describe, expect, it } from 'vitest';
import { uuidv7 } from 'uuidv7';
import { isCommandId, judgeTime, timeOf } from '../../app/command-id.ts';
import { commandIdOf } from './command-id.ts';

const HOUR_MS = 3_600_000;
const sessionId = uuidv7();
const began = timeOf(sessionId);

describe('a command id of words', () => {
  it('is the same for the same words of a session, however much later they are repeated', () => {
    const first = commandIdOf(sessionId, began + 1, ['message', 'k']);
    expect(isCommandId(first)).toBe(true);
    expect(commandIdOf(sessionId, began + 19 * HOUR_MS, ['message', 'k'])).toBe(first);
  });
  it('is another for other words, words parted otherwise, and other sessions', () => {
    const words = [['message', 'k'], ['message', 'l'], ['messagek'], ['message', 'k', '']];
    const ids = words.map((one) => commandIdOf(sessionId, began, one));
    expect(new Set([...ids, commandIdOf(uuidv7(), began, ['message', 'k'])]).size).toBe(5);
  });
  it('is never too old nor ahead for the hub, however long the session lives', () => {
    for (let hours = 0; hours < 200; hours++) {
      const now = began + hours * HOUR_MS;
      expect(judgeTime(timeOf(commandIdOf(sessionId, now, ['k'])), now)).toBeUndefined();
    }
  });
});
