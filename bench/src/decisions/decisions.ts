import type { LaneCommand, ProjectState } from '@agentmix/act-core';
import { describeHost, percentile, publish, readFlags } from '../measure/index.ts';
import type { Host, Published } from '../measure/index.ts';
import { crowdedFiles, fileOf, hostileTasks, sessionOf } from './crowded-projects.ts';
import { crowdedWorktrees, oneEdit, wholeReport } from './crowded-worktrees.ts';
import { decideOn } from './decide-on.ts';

const DEFAULTS = { agents: 32, files: 200, requests: 500, tasks: 20_000, commits: 16, reports: 3 };
const RESERVATION_MS_MAX = 1;
const REPORT_MS_MAX = 1_000;
const WORKTREE_MS_MAX = 5;
const WHOLE_REPORTS = 20;
const PATHS_PER_COMMIT = 256;

export interface DecisionFigures {
  readonly bench: 'decisions';
  readonly host: Host;
  readonly reservationP50Ms: number;
  readonly reservationP99Ms: number;
  readonly reportP50Ms: number;
  /** One file of a worktree changed, and all of them. */
  readonly worktreeP50Ms: number;
  readonly wholeWorktreeP50Ms: number;
}

/** How long the core takes for a decision, in milliseconds; throws when it refuses. */
const timeOf = (state: ProjectState, command: LaneCommand): number => {
  const began = performance.now();
  decideOn(state, command);
  return performance.now() - began;
};

const reserve = (files: number, at: number): LaneCommand => ({
  name: 'reservation.request',
  input: {
    sessionId: sessionOf(0),
    regions: [{ path: fileOf(at % files), ranges: [{ start: 9_000_000 + at, lines: 3 }] }],
    mode: 'exclusive',
    wait: false,
  },
});

const report = (commits: number): LaneCommand => ({
  name: 'branch.report',
  input: {
    branch: 'main',
    commits: Array.from({ length: commits }, (_, at) => ({
      commit: String(at).padStart(40, '0'),
      paths: Array.from({ length: PATHS_PER_COMMIT }, (_path, path) => `${'a'.repeat(200)}${path}`),
      mentions: [],
    })),
  },
});

/**
 * `npm run bench -- decisions [--agents N] [--files N] [--requests N] [--tasks N] [--commits N] [--reports N] [--json]
 * [--assert]`: decisions of the core that look at much: a region of a file beside those of many agents, and commits of
 * 256 paths beside tasks whose patterns are made to be slow.
 */
export async function runDecisions(argv: readonly string[]): Promise<Published<DecisionFigures>> {
  const { json, assert, ...sizes } = readFlags(argv, DEFAULTS);
  const crowd = crowdedFiles(sizes.agents, sizes.files);
  const requests = Array.from({ length: sizes.requests }, (_, at) => timeOf(crowd, reserve(sizes.files, at)));
  const tasks = hostileTasks(sizes.tasks);
  const reports = Array.from({ length: sizes.reports }, () => timeOf(tasks, report(sizes.commits)));
  const worktrees = crowdedWorktrees(sizes.agents, sizes.files);
  const edits = Array.from({ length: sizes.requests }, (_, at) =>
    timeOf(worktrees, oneEdit(0, at % sizes.files)),
  );
  const wholes = Array.from({ length: WHOLE_REPORTS }, () =>
    timeOf(worktrees, wholeReport(sizes.agents - 1, sizes.files)),
  );
  const figures: DecisionFigures = {
    bench: 'decisions',
    host: describeHost(),
    reservationP50Ms: percentile(requests, 0.5),
    reservationP99Ms: percentile(requests, 0.99),
    reportP50Ms: percentile(reports, 0.5),
    worktreeP50Ms: percentile(edits, 0.5),
    wholeWorktreeP50Ms: percentile(wholes, 0.5),
  };
  const bounds = [
    { figure: 'reservationP50Ms', value: figures.reservationP50Ms, max: RESERVATION_MS_MAX },
    { figure: 'reportP50Ms', value: figures.reportP50Ms, max: REPORT_MS_MAX },
    { figure: 'worktreeP50Ms', value: figures.worktreeP50Ms, max: WORKTREE_MS_MAX },
  ];
  return publish(figures, bounds, { json, ...(assert && { assert }) });
}
