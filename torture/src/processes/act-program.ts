import { join } from 'node:path';
import type { Scene } from '../scene.ts';
import { repositoryRoot } from './copy-tree.ts';

/** The command line as it runs here, from the sources or built, speaking to the hub and project of a scene. */
export const actProgram = ({
  hub,
  projectId,
}: Scene): { readonly words: readonly string[]; readonly env: Readonly<Record<string, string>> } => {
  const isSource = import.meta.url.endsWith('.ts');
  const root = repositoryRoot();
  const main = join(root, 'packages', 'cli', isSource ? 'src/main.ts' : 'dist/bundled/main.js');
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('ACT_'));
  // Found from here, whatever folder the program is started in.
  const loader = isSource ? ['--conditions=@act/source', '--import', import.meta.resolve('tsx')] : [];
  return {
    words: [...loader, main],
    env: {
      ...(Object.fromEntries(inherited) as Record<string, string>),
      ACT_URL: hub.url,
      ACT_TOKEN: hub.token,
      ACT_PROJECT: projectId,
    },
  };
};
