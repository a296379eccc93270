import { join } from 'node:path';
import { ownFile } from '../../files/ledger.ts';
import type { ClientKind, Setup } from '../client-files.ts';
import { pluginText } from './plugin.ts';

const folder = ({ env, home }: Setup): string =>
  join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'opencode');

/** One plugin in the user's folder, which opencode loads by itself; it adds the hub's tools, too. */
export const opencodeFiles: ClientKind = {
  name: 'opencode',
  title: 'opencode',
  tested: { program: 'opencode', version: '1.18.33' },
  traces: (setup) => [folder(setup)],
  files: (setup) => [ownFile(join(folder(setup), 'plugin', 'act.js'), pluginText(setup))],
  remarks: [
    'Sessions that are open now join when opencode is started again.',
    'An idle opencode cannot be woken: it reads messages at its next edit or prompt.',
  ],
};
