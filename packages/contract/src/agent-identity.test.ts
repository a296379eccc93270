import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agentIdOf } from './agent-identity.ts';
import { AgentId } from './scalars.ts';

const SESSION = '3f1a77c0-5d1e-4b8f-9a51-0c2f6f1f5c11';
const identity = fc.tuple(
  fc.oneof(fc.constantFrom('claude-code', 'codex', '', '-x', '@@', 'x@@'), fc.string()),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.option(fc.string({ maxLength: 200 }), { nil: undefined }),
);

describe('agentIdOf', () => {
  it('is the client and its session id, and for a subagent its id below them', () => {
    expect(agentIdOf('claude-code', SESSION)).toBe(`claude-code:${SESSION}`);
    expect(agentIdOf('claude-code', SESSION, 'a07')).toBe(`claude-code:${SESSION}:a07`);
  });
  it('is an AgentId whatever it is made of', () => {
    fc.assert(
      fc.property(identity, (parts) => {
        expect(AgentId.safeParse(agentIdOf(...parts)).success).toBe(true);
      }),
    );
  });
  it('is the same for the same agent and another for another', () => {
    fc.assert(
      fc.property(identity, identity, (one, other) => {
        const isSame = one.every((part, at) => part === other[at]);
        expect(agentIdOf(...one) === agentIdOf(...other)).toBe(isSame);
      }),
    );
  });
  it('keeps apart long ids that differ in their last character only', () => {
    const ids = Array.from({ length: 1_000 }, (_, at) => agentIdOf('codex', `${'s'.repeat(300)}${at}`));
    expect(new Set(ids).size).toBe(1_000);
  });
  it.each([
    ['a:b', 'c'],
    ['a', 'b:c'],
    ['a', 'b', 'c'],
    ['a', 'b@3ac'],
  ])('does not take %s and %s for another agent', (client, session, subagent?: string) => {
    const others = [
      agentIdOf('a', 'b', 'c'),
      agentIdOf('a', 'b:c'),
      agentIdOf('a:b', 'c'),
      agentIdOf('a', 'b@3ac'),
    ];
    expect(others.filter((id) => id === agentIdOf(client, session, subagent))).toHaveLength(1);
  });
});
