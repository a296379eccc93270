import { readFileSync } from 'node:fs';
import { ConfigError } from './integer.ts';

/**
 * A value that is a secret, or a URL that may hold one: from the variable of this name, or from the file that
 * NAME_FILE names, which is how containers are given secrets. Absent and empty are the same. Throws ConfigError.
 */
export const givenSecret = (
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined => {
  const [value, file] = [env[name], env[`${name}_FILE`]];
  if (value && file) throw new ConfigError(`${name} and ${name}_FILE: set one of them`);
  if (!file) return value || undefined;
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new ConfigError(`${name}_FILE cannot be read: ${String(error)}`);
  }
  if (text === '') throw new ConfigError(`${name}_FILE names an empty file: ${file}`);
  return text;
};
