import { writeFileSync } from 'node:fs';
import { makeVectors } from './make-sealed.ts';

// npx tsx --conditions=@act/source packages/client/test/vectors/write-sealed.ts && npx oxfmt packages/client/test
writeFileSync(new URL('./sealed.json', import.meta.url), JSON.stringify(await makeVectors(), null, 2));
