import type { z } from 'zod';
import { refusal } from './refusals.ts';
import type { Refusal } from './refusals.ts';

const ISSUES_MAX = 8;

/** Parses an input by its schema; what does not fit is named field by field. */
export const validate = <T extends z.ZodType>(
  schema: T,
  input: unknown,
): { ok: true; value: z.output<T> } | { ok: false; refusal: Refusal } => {
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
