import type { Part, ToolInput, ToolName } from '@agentmix/act-contract';
import type { Result, Speaker } from '../speaker.ts';

/** What a tool answers: the hub’s own words and the useful next step, facts without anybody’s text, and text of others. */
export interface Told {
  readonly says: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly quotes?: readonly Part[];
}

export type Handler<N extends ToolName> = (speaker: Speaker, input: ToolInput<N>) => Promise<Result<Told>>;

export const told = (
  says: string,
  facts: Told['facts'],
  quotes?: readonly Part[],
): { readonly ok: true; readonly value: Told } => ({
  ok: true,
  value: { says, facts, ...(quotes ? { quotes } : {}) },
});
