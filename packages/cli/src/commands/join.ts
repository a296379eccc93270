import { homedir } from 'node:os';
import { Ledger } from '@agentmix/act-agents/join';
import type { JoinedProject } from '@agentmix/act-agents';
import type { Setup } from '@agentmix/act-agents/join';
import type { ProjectIdentity } from '@agentmix/act-workspace';
import { defineCommand, jsonOption } from '../cli/command.ts';
import type { Output } from '../cli/output.ts';
import { Failure } from '../cli/failure.ts';
import { connect, hubUrl } from '../connection/connect.ts';
import type { Connection } from '../connection/connect.ts';
import { dataDirectory } from '../connection/key-file.ts';
import { projectOptions } from '../connection/find-project.ts';
import { chooseClients, joinClient, joinShared, setupOf } from '../join/clients.ts';
import type { JoinedClient } from '../join/clients.ts';
import { enroll, findOrCreateProject, isKeyGood, projectOfRepository } from '../join/enroll.ts';
import { identityOf, joinedByClone, noteRepository } from '../join/which-project.ts';
import { allJoined, joinedHere, keepJoined, readJoined, repositoryLedger } from '../join/joined.ts';
import { findRepository, repositoryFiles } from '../join/repository.ts';
import type { Repository } from '../join/repository.ts';
import { isUp, startDetached } from '../join/start-detached.ts';
import { printable } from '../terminal/printable.ts';

const CALL = 'act status';
const NOT_IN_PATH =
  'agents will call the command act: in the clone, npm link -w @agentmix/act puts it in your PATH';

/** Which project it is: the one that was named, joined here or from a clone, or the one of this repository at the hub. */
const choose = async (
  connection: Connection,
  repository: Repository,
  wanted: string | undefined,
  identity: ProjectIdentity | undefined,
  { home, env }: Setup,
  here: JoinedProject | undefined,
): Promise<{ readonly projectId: string; readonly name: string }> => {
  if (wanted !== undefined) return findOrCreateProject(connection, wanted);
  if (here) return here;
  const joined = (await allJoined(home)).filter(({ url }) => url === connection.url);
  const cloned = identity && (await joinedByClone(identity, joined, env));
  return cloned ?? projectOfRepository(connection, identity, repository.name);
};

/** The project of the repository: as it was joined before, or made, with this machine as a member of it. */
const bind = async (
  connection: Connection,
  repository: Repository,
  wanted: string | undefined,
  setup: Setup,
  isWatched: boolean,
): Promise<{ project: JoinedProject; remarks: readonly string[] }> => {
  const { home } = setup;
  const here = joinedHere(repository.root, home);
  if (here && here.url !== connection.url)
    throw new Failure(`this repository is joined to the hub at ${here.url}`, {
      code: 'other_hub',
      hint: 'leave that one first: act leave',
    });
  const identity = await identityOf(repository.root, setup.env);
  const found = await choose(connection, repository, wanted, identity, setup, here);
  await noteRepository(connection, found.projectId, identity);
  const kept = await readJoined(home, found.projectId);
  const roots = [...new Set([...(kept?.roots ?? []), repository.root])];
  const isGood = kept?.url === connection.url && (await isKeyGood(kept));
  const { watch: _before, ...bound } = isGood ? { ...kept, roots } : await enroll(connection, found, roots);
  const project = isWatched ? { ...bound, watch: setup.act } : bound;
  await keepJoined(home, project);
  const ledger = await Ledger.open(repositoryLedger(home, project.projectId, repository.root));
  const named = { projectId: project.projectId, name: project.name };
  const { files, remarks } = repositoryFiles(repository, named, setup);
  await ledger.apply(files);
  return { project, remarks };
};

const show = (
  output: Output,
  project: JoinedProject,
  repository: Repository,
  remarks: readonly string[],
  clients: readonly JoinedClient[],
): void => {
  const { style } = output;
  output.line(
    `${style.bold(printable(repository.root))} is in the project ${style.bold(printable(project.name))} at ${project.url}`,
  );
  for (const remark of remarks) output.line(`  ${printable(remark)}`);
  for (const { client, files, remarks: ofClient } of clients) {
    output.line(`${style.green(client)} joined`);
    for (const { path, fate } of files) output.line(`  ${style.dim(fate.padEnd(9))} ${printable(path)}`);
    for (const remark of ofClient) output.line(`  ${remark}`);
  }
  const hints = 'see who is there: act status   undo: act leave   is something wrong: act doctor';
  output.line(style.dim(output.asCalled(hints)));
};

export const join = defineCommand({
  name: 'join',
  summary: 'Let the agents of this repository work through the hub.',
  positionals: [
    { name: 'CLIENT', summary: 'the client to set up; left out: all that are installed', isOptional: true },
  ],
  options: {
    'no-watch': { type: 'boolean', summary: 'do not watch the worktrees in which agents work' },
    ...projectOptions,
    ...jsonOption,
  },
  details: [
    'Starts a hub if none runs, finds the project of the repository or of a clone, or creates it, makes this machine a member',
    'with a key of its own, and writes the files of the clients. Asks nothing; run again it mends what is missing.',
    'While an agent is there, the worktree it works in is watched by a process of its own: it learns of conflicts with',
    'the worktrees of others before they are merged. --no-watch ends that for the project, act join begins it again.',
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
        hint: 'say which one: act join claude-code, or act join other for any agent that runs commands',
      });
    const url = hubUrl(values, env, joinedHere(repository.root, home));
    const hubPid = (await isUp(url))
      ? undefined
      : await startDetached(url, home, await dataDirectory(values['data-dir'], env));
    const connection = await connect({ ...values, url }, surroundings);
    // The hooks of git call what is written here.
    await joinShared(setup);
    const bound = await bind(connection, repository, values.project, setup, !values['no-watch']);
    const { project } = bound;
    const remarks = [...bound.remarks, ...(output.asCalled(CALL) === CALL ? [] : [NOT_IN_PATH])];
    const clients: JoinedClient[] = [];
    for (const kind of kinds)
      clients.push(await joinClient(kind, { ...setup, projectId: project.projectId }));
    if (!(await isKeyGood(project)))
      throw new Failure('the hub does not take the key that was made for this machine', {
        code: 'not_verified',
        hint: 'see the hub’s log, then: act join',
      });
    const { key: _key, ...told } = project;
    output.json({
      ...told,
      root: repository.root,
      ...(hubPid === undefined ? {} : { hubPid }),
      remarks,
      clients,
    });
    if (hubPid !== undefined) output.line(`started a hub at ${url}, process ${hubPid}`);
    show(output, project, repository, remarks, clients);
  },
});
