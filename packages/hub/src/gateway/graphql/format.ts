import { escapeHidden, problemOf, refusal } from '@agentmix/act-contract';
import { GraphQLError } from 'graphql';
import type { ExecutionResult, FormattedExecutionResult, GraphQLFormattedError } from 'graphql';
import type { HubLogger } from '../../observe/logger.ts';

const INTERNAL = problemOf(refusal('internal'));
const { title: _title, detail: _detail, ...INVALID } = problemOf(refusal('invalid_input'));

/** A defect of the hub: what it says is for its log, not for callers. */
const isDefect = ({ originalError }: GraphQLError): boolean =>
  originalError !== undefined && !(originalError instanceof GraphQLError);

const formatted = (error: GraphQLError, onDefect: (error: unknown) => void): GraphQLFormattedError => {
  const json = error.toJSON();
  if (isDefect(error)) {
    onDefect(error.originalError);
    return { ...json, message: INTERNAL.title, extensions: { ...INTERNAL } };
  }
  // Its own errors quote what the caller sent.
  return { ...json, message: escapeHidden(json.message), extensions: json.extensions ?? { ...INVALID } };
};

/** A result as it goes over the wire. Every error has a code of the contract in its extensions. */
export const format = (
  { data, errors }: ExecutionResult,
  onDefect: (error: unknown) => void,
): FormattedExecutionResult => ({
  ...(errors ? { errors: errors.map((error) => formatted(error, onDefect)) } : {}),
  ...(data === undefined ? {} : { data }),
});

export const makeOnDefect =
  (logger: HubLogger) =>
  (error: unknown): void =>
    logger.error(
      { error: error instanceof Error ? error.stack : String(error) },
      'a field of GraphQL failed',
    );
