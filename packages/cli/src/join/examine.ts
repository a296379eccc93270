import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { failOpensFile, readFailOpens, toldFile, watcherOf } from '@agentmix/act-agents';
import { clientKinds, Ledger, sharedFiles } from '@agentmix/act-agents/join';
import type { JoinedProject } from '@agentmix/act-agents';
import type { FileChange, Setup } from '@agentmix/act-agents/join';
import { connectHub } from '@agentmix/act-client';
import { plural } from '../terminal/plural.ts';
import { SHARED } from './clients.ts';
import { examineClient, examineVersions } from './examine-versions.ts';
import { broken, fine } from './finding.ts';
import type { Finding } from './finding.ts';
import { clientLedger } from './joined.ts';

/** The hub refuses command ids that are stamped further ahead; a hook has no time to learn the hub’s clock. */
const CLOCK_MS_MAX = 30_000;
const DAY_MS = 86_400_000;

const examineHub = async ({ url, key, projectId }: JoinedProject): Promise<readonly Finding[]> => {
  let answer: Response;
  try {
    const init = { signal: AbortSignal.timeout(3_000) };
    answer = await connectHub({ url, token: key }).request(`/v1/projects/${projectId}/agents?limit=1`, init);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const is = `${url} does not answer: ${cause instanceof Error ? cause.message : String(cause)}`;
    return [broken('hub', is, 'start it: act up')];
  }
  if (!answer.ok)
    return [broken('hub', `${url} answers ${answer.status} to this machine’s key`, 'join again: act join')];
  const behindMs = Date.parse(answer.headers.get('date') ?? '') - Date.now();
  const seconds = Math.round(behindMs / 1_000);
  return [
    fine('hub', `${url} answers and takes this machine’s key`),
    Math.abs(behindMs) > CLOCK_MS_MAX
      ? broken(
          'clock',
          `the hub’s is ${seconds} s from this machine’s`,
          'set the clocks: timedatectl set-ntp true',
        )
      : fine('clock', 'the hub’s and this machine’s agree'),
  ];
};

/** What is wrong with the files of a client: changed or gone since they were written, or not as this release has them. */
const wrongFiles = async (ledger: Ledger, files: readonly FileChange[]): Promise<readonly string[]> => {
  const drift = await ledger.drift();
  const wrong = drift.map(({ path, how }) => `${path} is ${how}`);
  for (const { path, edit } of files) {
    if (drift.some((drifted) => drifted.path === path)) continue;
    if (!ledger.paths.includes(path)) wrong.push(`${path} is missing`);
    else {
      const now = await readFile(path, 'utf8');
      if (edit(now) !== now) wrong.push(`${path} is of another release, or for another Node`);
    }
  }
  return wrong;
};

const examineFiles = async (setup: Setup): Promise<readonly Finding[]> => {
  const findings: Finding[] = [];
  for (const { name, files } of [...clientKinds, { name: SHARED, files: sharedFiles }]) {
    const ledger = await Ledger.open(clientLedger(setup.home, name));
    if (ledger.paths.length === 0) continue;
    const wrong = await wrongFiles(ledger, files(setup));
    const mend = `write them again: act join${name === SHARED ? '' : ` ${name}`}`;
    findings.push(
      wrong.length === 0
        ? fine(name, `${plural(ledger.paths.length, 'file')} as written`)
        : broken(name, wrong.join('; '), mend),
    );
    const kind = clientKinds.find((one) => one.name === name);
    if (kind) findings.push(...(await examineClient(kind)));
  }
  return findings.every(({ what }) => what === SHARED)
    ? [...findings, broken('clients', 'no client has joined', 'join one: act join claude-code')]
    : findings;
};

const examineFailOpens = (home: string, projectId: string): Finding => {
  const since = Date.now() - DAY_MS;
  const files = [failOpensFile(home, projectId), toldFile(home, projectId)];
  const recent = files.flatMap(readFailOpens).filter(({ at }) => Date.parse(at) > since);
  const last = recent.toSorted((one, other) => one.at.localeCompare(other.at)).at(-1);
  if (!last) return fine('unchecked', 'no hook went on without the hub in the last day');
  const is = `${recent.length} hooks of the last day went on without the hub, the last at ${last.at}: ${last.reason}`;
  return broken('unchecked', is, 'see that the hub is up whenever agents work: act up');
};

/** Whether conflicts with the worktrees of others are predicted here. */
const examineWatch = ({ watch }: JoinedProject, home: string, top: string): Finding => {
  const watcher = watcherOf(home, top);
  if (watcher) return fine('watch', `process ${watcher.pid} watches this worktree for ${watcher.agentId}`);
  if (watch === undefined)
    return fine('watch', 'worktrees are not watched by themselves, as act join --no-watch wanted');
  const program = watch.at(-1) ?? '';
  return existsSync(program)
    ? fine('watch', 'nobody watches this worktree now; the next session of an agent here begins it')
    : broken('watch', `${program}, which should watch the worktrees, is gone`, 'join again: act join');
};

/**
 * Two live agents of one name and client are one session that speaks twice, say because a client reads hooks from two
 * places that name its session differently.
 */
const examineIdentities = async ({ url, key, projectId }: JoinedProject): Promise<readonly Finding[]> => {
  const hub = connectHub({ url, token: key });
  try {
    const page = await hub.query('agent.list', projectId, { limit: 500 }, { timeoutMs: 3_000 });
    if (!page.ok) return [];
    const live = page.value.items.filter(({ status }) => status !== 'offline');
    const names = live.map(({ name, kind }) => `${kind ?? ''} ${name}`);
    const doubled = live.filter((_, at) => names.indexOf(names[at] ?? '') !== at);
    return [
      doubled.length === 0
        ? fine('agents', `${live.length} live, each in a place of its own`)
        : broken(
            'agents',
            `several live agents work in one folder: ${doubled.map(({ id }) => id).join(', ')}`,
            'if they are one session, its client reads our hooks twice: keep those of one place; else give each a worktree',
          ),
    ];
  } finally {
    await hub.close();
  }
};

/** Everything that can be wrong between the clients of this machine and the hub, each with how to mend it. */
export const examine = async (
  project: JoinedProject,
  setup: Setup,
  top: string,
): Promise<readonly Finding[]> => {
  const hub = await examineHub(project);
  const isUp = hub.every(({ mend }) => mend === undefined);
  return [
    ...hub,
    ...(await examineVersions(project, isUp)),
    ...(await examineFiles(setup)),
    examineWatch(project, setup.home, top),
    examineFailOpens(setup.home, project.projectId),
    ...(isUp ? await examineIdentities(project) : []),
  ];
};
