import { readFileSync, writeFileSync } from 'node:fs';
import { dialects } from '../clients/dialects.ts';
import { MOMENTS } from '../happening.ts';
import type { Written } from '../happening.ts';
import { disconnect, runHook } from './run-hook.ts';

const USAGE = `act-hook CLIENT MOMENT: called by an agent's client, which writes JSON to stdin
  clients: ${Object.keys(dialects).join(', ')}
  moments: ${MOMENTS.join(', ')}
act-hook git HOOK: called by git
`;

/** Where the program runs. */
export interface Start {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home directory. */
  readonly home: string;
  /** Keeps the compiled code of this run for the next one. */
  readonly keepCode: () => void;
}

/** Written and ended at once: Node's streams, and taking down what is left, would cost another 5 ms. */
const tell = ({ stdout, stderr, exitCode }: Written): never => {
  if (stderr) writeFileSync(2, stderr);
  if (stdout) writeFileSync(1, stdout);
  process.exit(exitCode);
};

const gitHook = async (momentName: string | undefined, { env, home, keepCode }: Start): Promise<void> => {
  // Loaded when needed: what starts programs makes every other hook slower.
  const { GIT_MOMENTS, runGitHook } = await import('../git/run-git-hook.ts');
  const moment = GIT_MOMENTS.find((one) => one === momentName);
  if (!moment) {
    process.stderr.write(USAGE);
    return;
  }
  const written = await runGitHook({ moment, cwd: process.cwd(), home, env, now: () => new Date() });
  keepCode();
  tell(written);
};

const hook = async (
  client: string,
  momentName: string | undefined,
  { home, keepCode }: Start,
): Promise<void> => {
  const moment = MOMENTS.find((one) => one === momentName);
  const dialect = Object.hasOwn(dialects, client) ? dialects[client] : undefined;
  if (!moment || !dialect) {
    // Another release's client files: they must not stop the client that calls them.
    process.stderr.write(USAGE);
    return;
  }
  const written = await runHook({
    client,
    moment,
    dialect,
    input: readFileSync(0, 'utf8'),
    home,
    cwd: process.cwd(),
    now: () => new Date(),
    clientId: () => process.ppid,
    program: process.argv[1] ?? '',
    onServed: keepCode,
  });
  tell(written);
};

/** The whole program, started by from-kept-code.ts. */
export const main = (start: Start): void => {
  const [first = '', second, third] = process.argv.slice(2);
  // Not awaited: a hook never rejects; of a disconnect that failed the lease takes care.
  if (first === 'disconnect' && second !== undefined && third !== undefined)
    void disconnect(second, third, start.home);
  else if (first === 'git') void gitHook(second, start);
  else void hook(first, second, start);
};
