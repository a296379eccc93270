import type { Letter } from './changes.ts';

/** Something that was said, and the ways it went; until it was silent for a minute. */
export interface Passage {
  /** Who said it, the first one first. */
  readonly agentIds: Set<string>;
  /** How often it had been passed on when it reached an agent directly, at the most. */
  readonly reached: Map<string, number>;
  /** How often it had been passed on when an agent told it to all. */
  readonly told: Map<string, number>;
  at: number;
}

/**
 * How often the passage was passed on once this agent says it: one more than where it reached the agent. Nobody but who
 * said it first tells it first hand: to those who have not said it themselves, it is as new however often it came back.
 */
export const passedOn = ({ agentIds, reached, told }: Passage, agentId: string, to?: string): number => {
  const [first] = agentIds;
  if (first === agentId && to !== undefined && !agentIds.has(to)) return 0;
  const toAll = [...told].flatMap(([by, hops]) => (by === agentId ? [] : [hops]));
  return 1 + Math.max(-1, reached.get(agentId) ?? -1, ...toAll);
};

/** Notes that the sender said the passage. */
export const noteSaid = (passage: Passage, letter: Letter, at: number): void => {
  const { senderAgentId, recipientAgentId } = letter;
  const hops = passedOn(passage, senderAgentId, recipientAgentId);
  const [ways, whom] =
    recipientAgentId === undefined ? [passage.told, senderAgentId] : [passage.reached, recipientAgentId];
  ways.set(whom, Math.max(hops, ways.get(whom) ?? 0));
  passage.agentIds.add(senderAgentId);
  passage.at = at;
};

/**
 * Whether saying it once more would spread it: so many others said it already, or it came so far already. Quoting to whom
 * it comes from spreads nothing, nor does saying again what was one’s own; both only count as passing on.
 */
export const spreads = (
  passage: Passage,
  agentId: string,
  to: string | undefined,
  { sayersMax, hopsMax }: { readonly sayersMax: number; readonly hopsMax: number },
): boolean => {
  const [first] = passage.agentIds;
  if (passedOn(passage, agentId, to) > hopsMax) return true;
  const others = [...passage.agentIds].filter((id) => id !== agentId);
  return first !== to && first !== agentId && others.length >= sayersMax;
};
