import { escapeHidden, problemOf, refusal } from '@agentmix/act-contract';
import { GraphQLError } from 'graphql';
import type { ExecutionResult, GraphQLFormattedError } from 'graphql';

export interface Formatted {
  readonly data?: unknown;
  readonly errors?: readonly GraphQLFormattedError[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

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
  { data, errors }: Pick<ExecutionResult, 'data' | 'errors'>,
  onDefect: (error: unknown) => void,
): Formatted => ({
  ...(errors ? { errors: errors.map((error) => formatted(error, onDefect)) } : {}),
  ...(data === undefined ? {} : { data }),
});
