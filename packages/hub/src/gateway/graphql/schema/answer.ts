import { problemOf } from '@agentmix/act-contract';
import { typeName } from '@agentmix/act-contract/graphql';
import type { GraphqlCall } from '@agentmix/act-contract/graphql';
import type { Called } from '../../calls.ts';
import { failure } from './failure.ts';

/** What says of a refusal in a result that it is one, and which. */
export const REFUSAL_TYPE = Symbol('refusal type');

interface Page {
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly next?: unknown;
}

/** A page as a connection. Edges are made for who asks for them. */
const connectionOf = ({ items, next }: Page, cursor: string): object => ({
  nodes: items,
  edges: () => items.map((node) => ({ node, cursor: String(node[cursor]) })),
  pageInfo: {
    hasNextPage: next !== undefined,
    endCursor: next ?? items.at(-1)?.[cursor],
  },
});

/** What a call answered as the value of its field; what any call may meet is thrown. */
export const valueOf = (call: GraphqlCall, called: Called): object => {
  if (called.ok) {
    // Outputs of the table are objects.
    const output = called.output as object;
    return call.cursor === undefined ? output : connectionOf(output as Page, call.cursor);
  }
  const { refusal } = called;
  if (!call.refusals.includes(refusal.code)) throw failure(refusal);
  const { code, title, detail } = problemOf(refusal);
  return { [REFUSAL_TYPE]: typeName(code), code, title, detail, data: refusal.data };
};
