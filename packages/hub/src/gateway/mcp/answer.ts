import type { CallToolResult } from '@modelcontextprotocol/server';
import { deliver, recordPart, refusals } from '@agentmix/act-contract';
import type { Part, Refusal, RefusalCode } from '@agentmix/act-contract';
import { QUOTES_TOKENS_MAX } from './quotes-tokens.ts';
import { holderFacts, holderPart, holdersIn } from './regions.ts';
import type { Result } from './speaker.ts';
import type { Told } from './tools/told.ts';

/** Where the contract’s title speaks of a field that models see in another form. */
const TITLES: { readonly [C in RefusalCode]?: string } = {
  region_reserved: 'Others have reserved this',
};

/** What to do about a refusal, where that is not said by its title. */
const STEPS: { readonly [C in RefusalCode]?: string } = {
  stale_epoch: 'Do not go on with its files. Next: act_next.',
  task_not_found: 'Next: act_status.',
  task_not_ready: 'Next: act_next without taskId.',
  task_already_claimed: 'Next: act_next without taskId.',
  task_closed: 'Next: act_next without taskId.',
  region_reserved:
    'Next: edit something else, act_reserve with wait: true, or act_message to the holder; a coordinator can end it.',
  evidence_missing: 'Next: act_complete with `evidence` that shows it.',
  reservation_deadlock: 'Next: act_free, then act_reserve with all that you need.',
  agent_not_found: 'act_status shows who is there.',
  not_your_agent: 'This token may not speak as this agent.',
  repeated_content: 'Do not pass it on.',
  rate_limited: 'Wait, then call again.',
  overloaded: 'Call again: nothing is done twice.',
  unavailable: 'Call again: nothing is done twice.',
};

/** The same in text and in structure, for some clients show models the one, some the other. */
const resultIn = (says: string, facts: Told['facts'], quotes: readonly Part[]): CallToolResult => {
  const quoted = deliver(quotes, QUOTES_TOKENS_MAX);
  const text = [says, JSON.stringify(facts), ...(quoted === undefined ? [] : [quoted])].join('\n');
  return {
    content: [{ type: 'text', text }],
    structuredContent: { says, ...facts, ...(quoted === undefined ? {} : { quoted }) },
  };
};

/** What a completion does not show; names of checks are words of the project. */
const missingPart = (data: Refusal['data']): Part[] => {
  const missing = data?.['missing'];
  return Array.isArray(missing) ? [recordPart('event', {}, { missing })] : [];
};

/**
 * A refusal as a model reads it. Details may hold what others wrote, so that they are left out, but for those about the
 * caller’s own input; who stands in the way, and what is missing, is told in an envelope.
 */
const refused = ({ code, detail, data }: Refusal): CallToolResult => {
  const own = code === 'invalid_input' ? detail : undefined;
  const retryAfter = data?.['retryAfter'];
  const holders = holdersIn(data);
  const says = [`${TITLES[code] ?? refusals[code].title}.`, ...(own ? [own] : []), STEPS[code] ?? ''];
  const facts = {
    code,
    ...(typeof retryAfter === 'number' ? { retryAfterSeconds: retryAfter } : {}),
    ...(holders.length > 0 ? { holders: holders.map(holderFacts) } : {}),
  };
  const quotes = [...holders.map(holderPart), ...missingPart(data)];
  return { isError: true, ...resultIn(says.join(' ').trimEnd(), facts, quotes) };
};

/** The result of a tool. */
export const resultOf = (result: Result<Told>): CallToolResult => {
  if (!result.ok) return refused(result.refusal);
  const { says, facts, quotes = [] } = result.value;
  return resultIn(says, facts, quotes);
};
