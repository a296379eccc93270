import type { Reservation } from '@agentmix/act-contract';
import { agentHere } from '../clients/environment.ts';
import type { Written } from '../happening.ts';
import { callHub } from '../hook/call-hub.ts';
import type { HubAccess } from '../hook/call-hub.ts';
import { noteFailOpen } from '../hook/fail-opens.ts';
import { agentsIn } from '../hook/kept-session.ts';
import { findPlace } from '../hook/place.ts';
import type { Place } from '../hook/place.ts';
import { committedFiles, stagedFiles } from './commit-files.ts';
import { commitText } from './commit-texts.ts';
import { inTheWay } from './in-the-way.ts';

export const GIT_MOMENTS = ['pre-commit', 'post-commit'] as const;
export type GitMoment = (typeof GIT_MOMENTS)[number];

/** By this exit code alone the script that git runs refuses the commit: whatever else goes wrong lets it pass. */
export const REFUSED = 2;
/** A person waits: longer than this no commit is held up. */
const HUB_MS_MAX = 2_500;
const PAGE_ITEMS = 500;
/** As many ids as one call takes. */
const IDS_MAX = 256;

export interface GitCall {
  readonly moment: GitMoment;
  /** Where git runs its hooks: the top of the working tree. */
  readonly cwd: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
}

const NOTHING: Written = { exitCode: 0 };

/** Refusals end a git hook as a hub that is away does: it lets the commit pass, and says so. */
const valueOf = <T>(answer: { ok: true; value: T } | { ok: false; code: string; detail: string }): T => {
  if (answer.ok) return answer.value;
  throw new Error(`the hub refused: ${answer.code} ${answer.detail}`);
};

const allReservations = async (hub: HubAccess): Promise<readonly Reservation[]> => {
  const all: Reservation[] = [];
  let after: string | undefined;
  do {
    const input = { limit: PAGE_ITEMS, ...(after === undefined ? {} : { after }) };
    const page = valueOf(await callHub(hub, 'reservation.list', input));
    all.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return all;
};

type Handle = (hub: HubAccess, top: string, own: ReadonlySet<string>) => Promise<Written>;

const beforeCommit: Handle = async (hub, top, own) => {
  const files = stagedFiles(top);
  if (files.length === 0) return NOTHING;
  const found = inTheWay(files, await allReservations(hub), own);
  const text = commitText(found);
  const exitCode = found.refusing.length > 0 ? REFUSED : 0;
  return text === undefined ? NOTHING : { stderr: `${text}\n`, exitCode };
};

/** Ends the reservations whose files are committed whole: of patterns none, they are of files to come as well. */
const afterCommit: Handle = async (hub, top, own) => {
  const paths = new Set(committedFiles(top));
  const idsBySession = new Map<string, string[]>();
  for (const { id, agentId, sessionId, path } of paths.size === 0 ? [] : await allReservations(hub)) {
    if (path === undefined || !paths.has(path) || !own.has(agentId)) continue;
    idsBySession.set(sessionId, [...(idsBySession.get(sessionId) ?? []), id]);
  }
  for (const [sessionId, ids] of idsBySession)
    for (let at = 0; at < ids.length; at += IDS_MAX) {
      const reservationIds = ids.slice(at, at + IDS_MAX);
      valueOf(await callHub(hub, 'reservation.release', { sessionId, reservationIds, committed: true }));
    }
  return NOTHING;
};

const handlers: Readonly<Record<GitMoment, Handle>> = {
  'pre-commit': beforeCommit,
  'post-commit': afterCommit,
};

/** What a failure leaves undone. */
const UNDONE: Readonly<Record<GitMoment, string>> = {
  'pre-commit': 'the commit was not checked',
  'post-commit': 'what was reserved for it stays reserved until its lease ends',
};

const accessTo = ({ project: { url, key, projectId } }: Place): HubAccess => ({
  url,
  key,
  projectId,
  now: Date.now,
  until: Date.now() + HUB_MS_MAX,
});

/** One hook of git. Never throws, and refuses a commit only for what another agent has reserved. */
export const runGitHook = async ({ moment, cwd, home, env, now }: GitCall): Promise<Written> => {
  const place = findPlace(cwd, home);
  if (!place) return NOTHING;
  const { projectId } = place.project;
  const own = new Set([...agentsIn(home, projectId, place.top), agentHere(env)]);
  try {
    return await handlers[moment](accessTo(place), place.top, own);
  } catch (error) {
    const reason = error instanceof Error ? error.message || error.name : String(error);
    noteFailOpen(home, projectId, { at: now().toISOString(), client: 'git', moment, reason });
    return { exitCode: 0, stderr: `act ${moment}: ${reason}; ${UNDONE[moment]}\n` };
  }
};
