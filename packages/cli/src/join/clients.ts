import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { codeFolder } from '@agentmix/act-agents';
import { clientKinds, Ledger, readHookProgram, sharedFiles } from '@agentmix/act-agents/join';
import type { ClientKind, Setup, Told } from '@agentmix/act-agents/join';
import { usageFailure } from '../cli/failure.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { VERSION } from '../version.ts';
import { clientLedger, repositoryLedger } from './joined.ts';
import { ownCommand } from './start-detached.ts';

export const setupOf = async (env: Surroundings['env'], home: string, root: string): Promise<Setup> => ({
  home,
  env,
  node: process.execPath,
  hookProgram: await readHookProgram(),
  act: ownCommand(),
  version: VERSION,
  root,
});

/** The client of this name, or all that are installed for this user. */
export const chooseClients = (setup: Setup, wanted: string | undefined): readonly ClientKind[] => {
  if (wanted === undefined)
    return clientKinds.filter((kind) => kind.traces(setup).some((path) => existsSync(path)));
  const found = clientKinds.find(({ name }) => name === wanted);
  if (found) return [found];
  throw usageFailure(
    `${JSON.stringify(wanted)} is no client that is known here`,
    `there are: ${clientKinds.map(({ name }) => name).join(', ')}`,
  );
};

export interface JoinedClient {
  readonly client: string;
  readonly files: readonly Told[];
  readonly remarks: readonly string[];
}

/** Name of the ledger of what the clients share. */
export const SHARED = 'shared';

/** Writes what the clients share, and drops what hooks of another release have kept. */
export const joinShared = async (setup: Setup): Promise<readonly Told[]> => {
  await rm(codeFolder(setup.home), { recursive: true, force: true });
  return (await Ledger.open(clientLedger(setup.home, SHARED))).apply(sharedFiles(setup));
};

export const leaveShared = async (setup: Setup): Promise<readonly Told[]> =>
  (await Ledger.open(clientLedger(setup.home, SHARED))).restore(sharedFiles(setup));

/** What belongs to a repository is in the repository’s ledger, the rest in one of the client. */
const ledgerOf = ({ name, perRepository }: ClientKind, { home, projectId = '', root }: Setup): string =>
  perRepository ? repositoryLedger(home, projectId, root) : clientLedger(home, name);

/** Writes the files of a client. */
export const joinClient = async (kind: ClientKind, setup: Setup): Promise<JoinedClient> => {
  const ledger = await Ledger.open(ledgerOf(kind, setup));
  return { client: kind.name, files: await ledger.apply(kind.files(setup)), remarks: kind.remarks };
};

/** Takes the files of a client away again, and puts back what was there. */
export const leaveClient = async (kind: ClientKind, setup: Setup): Promise<readonly Told[]> => {
  const ledger = await Ledger.open(clientLedger(setup.home, kind.name));
  return ledger.paths.length === 0 ? [] : ledger.restore(kind.files(setup));
};
