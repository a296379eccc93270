import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { homeFolder } from '@agentmix/act-agents';
import { clientKinds, Ledger } from '@agentmix/act-agents/join';
import type { Told } from '@agentmix/act-agents/join';
import { defineCommand, jsonOption } from '../cli/command.ts';
import { Failure } from '../cli/failure.ts';
import { connect, hubOptions } from '../connection/connect.ts';
import { endWatchers } from '../join/end-watchers.ts';
import { leaveClient, leaveShared, setupOf } from '../join/clients.ts';
import { allJoined, forgetJoined, joinedHere, keepJoined, repositoryLedger } from '../join/joined.ts';
import { findRepository, repositoryUndo } from '../join/repository.ts';
import { printable } from '../terminal/printable.ts';

export const leave = defineCommand({
  name: 'leave',
  summary: 'Take back what act join wrote: every byte as it was before.',
  options: { ...hubOptions, ...jsonOption },
  details: [
    'The repository is bound no longer and its key ends. The files of clients go when no repository of this user is',
    'joined any more; where somebody changed them since, only our own part is taken out.',
  ],
  async run({ values, output, surroundings }) {
    const home = homedir();
    const repository = await findRepository(process.cwd());
    const project = joinedHere(repository.root, home);
    if (!project)
      throw new Failure('this repository is not joined', { code: 'not_joined', hint: 'nothing to do' });
    await endWatchers(home, repository.root);
    const roots = project.roots.filter((root) => root !== repository.root);
    const told: Told[] = [];
    const isLast = roots.length === 0 && (await allJoined(home)).length === 1;
    const { projectId } = project;
    const setup = { ...(await setupOf(surroundings.env, home, repository.root)), projectId };
    if (isLast)
      for (const kind of clientKinds) if (!kind.perRepository) told.push(...(await leaveClient(kind, setup)));
    if (isLast) told.push(...(await leaveShared(setup)));
    const ledger = await Ledger.open(repositoryLedger(home, project.projectId, repository.root));
    told.push(...(await ledger.restore(repositoryUndo(repository, project, setup, ledger))));
    if (roots.length > 0) await keepJoined(home, { ...project, roots });
    else {
      await forgetJoined(home, project.projectId);
      // Files come first: they can be put back without the hub, and a key that nobody has any more harms nobody.
      await connect({ ...values, url: values.url ?? project.url }, surroundings)
        .then(({ command }) =>
          command('this machine is still a member', 'member.remove', project.projectId, {
            memberId: project.memberId,
          }),
        )
        .catch((error: unknown) => {
          output.remark(
            `the hub was not told: ${error instanceof Error ? error.message : String(error)}; ${output.asCalled('act member remove')} ${project.memberId}`,
          );
        });
    }
    // Sessions, counts and the log of a hub that join started: nothing here is of use without a joined repository.
    if (isLast) await rm(homeFolder(home), { recursive: true, force: true });
    output.json({ projectId: project.projectId, root: repository.root, files: told });
    for (const { path, fate } of told) output.line(`${output.style.dim(fate.padEnd(9))} ${printable(path)}`);
    output.line(`${printable(repository.root)} has left the project ${printable(project.name)}`);
  },
});
