import { join } from 'node:path';
import { homeFolder } from '../hook/place.ts';
import { ownFile } from '../files/ledger.ts';
import type { FileChange } from '../files/ledger.ts';
import type { Setup } from './client-files.ts';

/** Where the hook program is for clients without a folder of their own for it. */
export const hookPath = ({ home }: Setup): string => join(homeFolder(home), 'bin', 'act-hook.cjs');

/** What several clients share; it has a ledger of its own. */
export const sharedFiles = (setup: Setup): readonly FileChange[] => [
  ownFile(hookPath(setup), setup.hookProgram),
];
