import { readFileSync } from 'node:fs';
import { ConfigError } from './integer.ts';

/** Text of a PEM file that a variable of the environment names; throws ConfigError. */
export const pem = (variable: string, file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(
      `${variable}: ${file} cannot be read (${code}): give the hub's user a PEM file it may read`,
    );
  }
};
