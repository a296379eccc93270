import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dialects } from '../clients/dialects.ts';
import { MOMENTS } from '../happening.ts';
import { disconnect, runHook } from './run-hook.ts';

const USAGE = `act-hook CLIENT MOMENT: called by an agent's client, which writes JSON to stdin
  clients: ${Object.keys(dialects).join(', ')}
  moments: ${MOMENTS.join(', ')}
`;

const hook = async (client: string, momentName: string | undefined): Promise<void> => {
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
    home: homedir(),
    cwd: process.cwd(),
    now: () => new Date(),
    program: process.argv[1] ?? '',
  });
  if (written.stderr) process.stderr.write(written.stderr);
  if (written.stdout) process.stdout.write(written.stdout);
  process.exitCode = written.exitCode;
};

const [first = '', second, third] = process.argv.slice(2);
// Not awaited: the program is bundled as CommonJS. A hook never rejects; of a disconnect that failed the lease takes care.
if (first === 'disconnect' && second !== undefined && third !== undefined)
  void disconnect(second, third, homedir());
else void hook(first, second);
