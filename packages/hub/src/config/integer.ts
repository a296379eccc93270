/** What the environment says is wrong, in one line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** A whole number from the environment; throws ConfigError. */
export const integer = (
  name: string,
  text: string | undefined,
  fallback: number,
  min: number,
  max: number,
): number => {
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new ConfigError(`${name} must be a whole number from ${min} to ${max}, not ${JSON.stringify(text)}`);
};
