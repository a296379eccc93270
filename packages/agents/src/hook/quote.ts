import { envelope } from '@agentmix/act-contract/agents-text';
import type { Part } from '@agentmix/act-contract/agents-text';

const ENVELOPE_CHARS_MAX = 3_000;

/** The one place where words of others come into what an agent reads: as data, labelled as such. */
export const quote = (parts: readonly Part[]): string => envelope(parts, { charsMax: ENVELOPE_CHARS_MAX });

export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
