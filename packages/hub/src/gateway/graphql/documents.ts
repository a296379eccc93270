import { createHash } from 'node:crypto';
import {
  GraphQLError,
  Kind,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { KEPT_CHARS_MAX, TEXT_CHARS_MAX, TOKENS_MAX } from './limits/bounds.ts';
import { makeWeigh } from './limits/cost.ts';
import type { Weigh } from './limits/cost.ts';
import { tooMuchShape } from './limits/shape.ts';

const ERRORS_MAX = 5;

/** A valid document. */
export interface Prepared {
  readonly document: DocumentNode;
  readonly operations: readonly OperationDefinitionNode[];
  readonly weigh: Weigh;
}

export interface Documents {
  /** Reads a document, or says what is wrong with it. Errors of one kind come together, five at most. */
  readonly prepare: (text: string, mayIntrospect: boolean) => Prepared | readonly GraphQLError[];
  /** The text of a document that was shown before, by the SHA-256 of its text in hexadecimal digits. */
  readonly recall: (sha256: string) => string | undefined;
  /** Keeps a text for who will ask by its SHA-256; false where it is another’s. */
  readonly keep: (sha256: string, text: string) => boolean;
}

const invalid = (message: string): readonly GraphQLError[] => [new GraphQLError(message)];
const read = (text: string, noLocation: boolean): DocumentNode =>
  parse(text, { maxTokens: TOKENS_MAX, noLocation });

/** Documents of all callers, parsed and validated once. Places in the text are kept of none: they cost ten times the rest. */
export const makeDocuments = (schema: GraphQLSchema): Documents => {
  const prepared = new LRUCache<string, Prepared>({
    maxSize: KEPT_CHARS_MAX,
    sizeCalculation: (_value, key) => key.length,
  });
  const texts = new LRUCache<string, string>({
    maxSize: KEPT_CHARS_MAX,
    sizeCalculation: (text) => Math.max(text.length, 1),
  });
  const check = (text: string, rules: typeof specifiedRules): Prepared | readonly GraphQLError[] => {
    const document = read(text, true);
    const tooMuch = tooMuchShape(document);
    if (tooMuch !== undefined) return invalid(tooMuch);
    if (validate(schema, document, rules, { maxErrors: 1, hideSuggestions: true }).length > 0)
      return validate(schema, read(text, false), rules, { maxErrors: ERRORS_MAX, hideSuggestions: true });
    const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
    return { document, operations, weigh: makeWeigh(schema, document) };
  };
  return {
    prepare: (text, mayIntrospect) => {
      const key = `${mayIntrospect ? 'all' : 'calls'} ${text}`;
      const known = prepared.get(key);
      if (known) return known;
      if (text.length > TEXT_CHARS_MAX) return invalid(`a document has at most ${TEXT_CHARS_MAX} characters`);
      try {
        const rules = mayIntrospect ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
        const result = check(text, rules);
        if ('document' in result) prepared.set(key, result);
        return result;
      } catch (error) {
        if (error instanceof GraphQLError) return [error];
        throw error;
      }
    },
    recall: (sha256) => texts.get(sha256.toLowerCase()),
    keep: (sha256, text) => {
      if (text.length > TEXT_CHARS_MAX) return false;
      if (createHash('sha256').update(text).digest('hex') !== sha256.toLowerCase()) return false;
      texts.set(sha256.toLowerCase(), text);
      return true;
    },
  };
};
