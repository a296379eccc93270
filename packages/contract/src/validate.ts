import type { z } from 'zod';
import { escapeHidden } from './agents-text/hidden.ts';
import { JSON_LEVELS_MAX } from './limits.ts';
import { refusal } from './refusals.ts';
import type { Refusal } from './refusals.ts';

const ISSUES_MAX = 8;

const isBranch = (value: unknown): value is object => typeof value === 'object' && value !== null;

/**
 * What no schema can judge: depth, which would exhaust the stack of schemas that recurse, and a key that would not survive being copied. Allocates nothing: a body of
 * millions of numbers must not cost more than its parsing.
 */
const flawOf = (input: unknown, depth = 0): string | undefined => {
  if (!isBranch(input)) return undefined;
  if (depth >= JSON_LEVELS_MAX) return `nested deeper than ${JSON_LEVELS_MAX} levels`;
  if (Array.isArray(input)) {
    for (const item of input as unknown[]) {
      const flaw = isBranch(item) ? flawOf(item, depth + 1) : undefined;
      if (flaw !== undefined) return flaw;
    }
    return undefined;
  }
  if (Object.hasOwn(input, '__proto__')) return 'has a key __proto__';
  for (const key in input) {
    const item = (input as Readonly<Record<string, unknown>>)[key];
    const flaw = isBranch(item) ? flawOf(item, depth + 1) : undefined;
    if (flaw !== undefined) return flaw;
  }
  return undefined;
};

const flawed = (input: unknown, message: string): { ok: false; refusal: Refusal } => {
  const field = Object.entries(input ?? {}).find(([, value]) => flawOf(value))?.[0] ?? 'input';
  return {
    ok: false,
    refusal: refusal('invalid_input', `${field}: ${message}`, { fields: [{ field, message }] }),
  };
};

/** Parses an input by its schema; what does not fit is named field by field. */
export const validate = <T extends z.ZodType>(
  schema: T,
  input: unknown,
): { ok: true; value: z.output<T> } | { ok: false; refusal: Refusal } => {
  const flaw = flawOf(input);
  if (flaw !== undefined) return flawed(input, flaw);
  const parsed = schema.safeParse(input);
  if (parsed.success) return { ok: true, value: parsed.data };
  const fields = parsed.error.issues.slice(0, ISSUES_MAX).map(({ path, message, ...issue }) => ({
    field: escapeHidden(
      [...path, ...('keys' in issue && Array.isArray(issue.keys) ? issue.keys.slice(0, ISSUES_MAX) : [])]
        .join('.')
        .slice(0, 200),
    ),
    message: escapeHidden(message.slice(0, 200)),
  }));
  const [first] = fields;
  return {
    ok: false,
    refusal: refusal('invalid_input', first ? `${first.field || 'input'}: ${first.message}` : undefined, {
      fields,
    }),
  };
};
