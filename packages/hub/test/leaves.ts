import { isRecord } from './contract.ts';

/** A value somewhere inside an input, and where. */
export interface Leaf {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/** Every value of an input that is neither an object nor a list. */
export const leavesOf = (value: unknown, path: readonly (string | number)[] = []): Leaf[] => {
  if (Array.isArray(value)) return value.flatMap((item, at) => leavesOf(item, [...path, at]));
  if (isRecord(value)) return Object.entries(value).flatMap(([key, item]) => leavesOf(item, [...path, key]));
  return [{ path, value }];
};

/** The input with another value at one place. */
export const replaced = (
  input: unknown,
  [head, ...rest]: readonly (string | number)[],
  value: unknown,
): unknown => {
  if (head === undefined) return value;
  if (Array.isArray(input))
    return input.map((item: unknown, at) => (at === head ? replaced(item, rest, value) : item));
  if (!isRecord(input)) throw new Error(`nothing at ${String(head)}`);
  return { ...input, [head]: replaced(input[head], rest, value) };
};
