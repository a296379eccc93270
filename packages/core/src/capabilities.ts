import type { Capability } from '@agentmix/act-contract';

/** Whether someone with these capabilities can do what requires those: every name, at the level or above. */
export const isCapable = (has: readonly Capability[], requires: readonly Capability[]): boolean =>
  requires.every((wanted) => has.some((own) => own.name === wanted.name && own.level >= wanted.level));

const keys = new WeakMap<readonly Capability[], string>();

/** The same text for the same set of capabilities in any order. */
export const capabilityKey = (capabilities: readonly Capability[]): string => {
  if (capabilities.length === 0) return '';
  const known = keys.get(capabilities);
  if (known !== undefined) return known;
  const pairs = capabilities.map(({ name, level }) => [name, level] as const);
  const key = JSON.stringify(pairs.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1])));
  keys.set(capabilities, key);
  return key;
};
