import type { z } from 'zod';
import { refusal } from './refusals.ts';
import type { Refusal } from './refusals.ts';

const ISSUES_MAX = 8;

/** Deeper than any input of the contract. Schemas recurse: without this a deep value would exhaust the stack. */
const LEVELS_MAX = 64;

/** An object of plain values, as most inputs are: nothing can be deep in it. */
const isFlat = (input: unknown): boolean => {
  if (typeof input !== 'object' || input === null || Object.hasOwn(input, '__proto__')) return false;
  for (const value of Object.values(input)) if (typeof value === 'object' && value !== null) return false;
  return true;
};

/** What no schema can judge: depth, and a key that would not survive being copied. */
const flawOf = (input: unknown): string | undefined => {
  if (isFlat(input)) return undefined;
  let level: unknown[] = [input];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > LEVELS_MAX) return `nested deeper than ${LEVELS_MAX} levels`;
    if (
      level.some((value) => typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__'))
    ) {
      return 'has a key __proto__';
    }
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
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
    field: [...path, ...('keys' in issue && Array.isArray(issue.keys) ? issue.keys.slice(0, ISSUES_MAX) : [])]
      .join('.')
      .slice(0, 200),
    message: message.slice(0, 200),
  }));
  const [first] = fields;
  return {
    ok: false,
    refusal: refusal('invalid_input', first ? `${first.field || 'input'}: ${first.message}` : undefined, {
      fields,
    }),
  };
};
