import { problemOf, refusals } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';
import { GraphQLError } from 'graphql';

/** A refusal that any call may meet, as an error: its extensions are REST’s problem document. */
export const failure = (refusal: Refusal): GraphQLError =>
  new GraphQLError(refusal.detail ?? refusals[refusal.code].title, { extensions: { ...problemOf(refusal) } });
