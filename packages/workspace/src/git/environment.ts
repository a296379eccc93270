import { devNull } from 'node:os';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What git gets of the caller’s environment: all but the variables that would point it at another repository or
 * index, which are set when we run inside a hook of git. It never asks a person, never takes an optional lock,
 * and speaks English, so that its messages can be told apart.
 */
export const gitEnvironment = (environment: Environment): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined || name.startsWith('GIT_') ? [] : [[name, value]],
    ),
  ),
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
  LC_ALL: 'C',
});

/**
 * Settings that keep git from writing to, starting or asking anything of the user’s: no hooks (writing an index
 * calls one), no monitor daemon, no split index (its shared half would be put beside the user’s), no upkeep, no
 * fetching of what a partial clone left out. Objects made here live for minutes, so they are not compressed.
 */
export const quietSettings = [
  `core.hooksPath=${devNull}`,
  'core.fsmonitor=false',
  'core.splitIndex=false',
  'core.untrackedCache=false',
  'core.looseCompression=0',
  'core.safecrlf=false',
  'advice.addEmbeddedRepo=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'protocol.allow=never',
  // The filter of Git LFS would copy files into the user’s repository; its pointers are made in lfs-pointer.ts.
  'filter.lfs.process=',
  'filter.lfs.clean=',
  'filter.lfs.required=false',
].flatMap((setting) => ['-c', setting]);
