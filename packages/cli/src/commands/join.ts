import { homedir } from 'node:os';
import { Ledger } from '@agentmix/act-agents';
import type { JoinedProject } from '@agentmix/act-agents';
import { defineCommand, jsonOption } from '../cli/command.ts';
import type { Output } from '../cli/output.ts';
import { Failure } from '../cli/failure.ts';
import { connect, hubUrl } from '../connection/connect.ts';
import type { Connection } from '../connection/connect.ts';
import { dataDirectory } from '../connection/key-file.ts';
import { projectOptions } from '../connection/find-project.ts';
import { chooseClients, joinClient, joinShared, setupOf } from '../join/clients.ts';
import type { JoinedClient } from '../join/clients.ts';
import { enroll, findOrCreateProject, isKeyGood } from '../join/enroll.ts';
import { joinedHere, keepJoined, readJoined, repositoryLedger } from '../join/joined.ts';
import { findRepository, markerFiles } from '../join/repository.ts';
import type { Repository } from '../join/repository.ts';
import { isUp, startDetached } from '../join/start-detached.ts';
import { printable } from '../terminal/printable.ts';

/** The project of the repository: as it was joined before, or made, with this machine as a member of it. */
const bind = async (
  connection: Connection,
  repository: Repository,
  wanted: string | undefined,
  home: string,
): Promise<JoinedProject> => {
  const here = joinedHere(repository.root, home);
  if (here && here.url !== connection.url)
    throw new Failure(`this repository is joined to the hub at ${here.url}`, {
      code: 'other_hub',
      hint: 'leave that one first: act leave',
    });
  const found =
    here && wanted === undefined
      ? { projectId: here.projectId, name: here.name }
      : await findOrCreateProject(connection, wanted ?? repository.name);
  const kept = await readJoined(home, found.projectId);
  const roots = [...new Set([...(kept?.roots ?? []), repository.root])];
  const isGood = kept?.url === connection.url && (await isKeyGood(kept));
  const project = isGood ? { ...kept, roots } : await enroll(connection, found, roots);
  await keepJoined(home, project);
  const ledger = await Ledger.open(repositoryLedger(home, project.projectId, repository.root));
  await ledger.apply(markerFiles(repository, { projectId: project.projectId, name: project.name }));
  return project;
};

const show = (
  output: Output,
  project: JoinedProject,
  repository: Repository,
  clients: readonly JoinedClient[],
): void => {
  const { style } = output;
  output.line(
    `${style.bold(printable(repository.root))} is in the project ${style.bold(printable(project.name))} at ${project.url}`,
  );
  for (const { client, files, remarks } of clients) {
    output.line(`${style.green(client)} joined`);
    for (const { path, fate } of files) output.line(`  ${style.dim(fate.padEnd(9))} ${printable(path)}`);
    for (const remark of remarks) output.line(`  ${remark}`);
  }
  output.line(style.dim('see who is there: act status   undo: act leave   is something wrong: act doctor'));
};

export const join = defineCommand({
  name: 'join',
  summary: 'Let the agents of this repository work through the hub.',
  positionals: [
    { name: 'CLIENT', summary: 'the client to set up; left out: all that are installed', isOptional: true },
  ],
  options: { ...projectOptions, ...jsonOption },
  details: [
    'Starts a hub if none runs, finds or creates the project (named by the repository), makes this machine a member',
    'with a key of its own, and writes the files of the clients. Asks nothing; run again it mends what is missing.',
  ],
  examples: ['act join', 'act join claude-code'],
  async run({ values, positionals: [wanted], output, surroundings }) {
    const { env } = surroundings;
    const home = homedir();
    const repository = await findRepository(process.cwd());
    const setup = await setupOf(env, home, repository.root);
    const kinds = chooseClients(setup, wanted);
    if (kinds.length === 0)
      throw new Failure('no client is installed for this user', {
        code: 'no_client',
        hint: 'say which one: act join claude-code',
      });
    const url = hubUrl(values, env, joinedHere(repository.root, home));
    const hubPid = (await isUp(url))
      ? undefined
      : await startDetached(url, home, await dataDirectory(values['data-dir'], env));
    const connection = await connect({ ...values, url }, surroundings);
    const project = await bind(connection, repository, values.project, home);
    await joinShared(setup);
    const clients: JoinedClient[] = [];
    for (const kind of kinds) clients.push(await joinClient(kind, setup));
    if (!(await isKeyGood(project)))
      throw new Failure('the hub does not take the key that was made for this machine', {
        code: 'not_verified',
        hint: 'see the hub’s log, then: act join',
      });
    const { key: _key, ...told } = project;
    output.json({ ...told, root: repository.root, ...(hubPid === undefined ? {} : { hubPid }), clients });
    if (hubPid !== undefined) output.line(`started a hub at ${url}, process ${hubPid}`);
    show(output, project, repository, clients);
  },
});
