import { PAGE_SIZE } from '@agentmix/act-contract/graphql';
import type { GraphqlCall } from '@agentmix/act-contract/graphql';

type Fields = Readonly<Record<string, unknown>>;

/** A call’s input as the variables of its document: pages are asked for in GraphQL’s words. */
export const graphqlVariables = (row: GraphqlCall, { limit, after, ...input }: Fields): Fields => {
  const isPage = row.cursor !== undefined;
  return {
    ...input,
    ...(limit === undefined ? {} : { [isPage ? PAGE_SIZE.argument : PAGE_SIZE.input]: limit }),
    ...(after === undefined ? {} : { after: isPage ? `${after as string | number}` : after }),
  };
};
