import type { QueryOutput } from '@agentmix/act-client';
import { PAGE_ITEMS_MAX } from '@agentmix/act-contract';
import { Failure } from '../cli/failure.ts';
import type { Connection } from '../connection/connect.ts';
import { chunksOf } from './chunks.ts';
import type { WirePhase, WirePlan } from './wire-plan.ts';

type Phase = QueryOutput<'phase.list'>['items'][number];

export interface Tally {
  created: number;
  updated: number;
  unchanged: number;
}

export interface Sent {
  readonly tasks: Tally;
  readonly phases: Tally;
  readonly edges: number;
}

const listPhases = async (connection: Connection, projectId: string): Promise<Phase[]> => {
  const phases: Phase[] = [];
  let after: string | undefined;
  do {
    const page: QueryOutput<'phase.list'> = await connection.query('the phases', 'phase.list', projectId, {
      limit: PAGE_ITEMS_MAX,
      ...(after === undefined ? {} : { after }),
    });
    phases.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return phases;
};

const tallyPhases = (planned: readonly WirePhase[], known: readonly Phase[]): Tally => {
  const byKey = new Map(known.map((phase) => [phase.key, phase]));
  const tally: Tally = { created: 0, updated: 0, unchanged: 0 };
  for (const { key, name, description = '' } of planned) {
    const phase = byKey.get(key);
    if (!phase) tally.created++;
    else if (phase.name !== name || (phase.description ?? '') !== description) tally.updated++;
    else tally.unchanged++;
  }
  return tally;
};

/**
 * A phase whose tasks all came as closed completes by itself only where it came in the same command: the others are
 * completed here. One that has open tasks after all is left alone.
 */
const completePhases = async (connection: Connection, projectId: string, plan: WirePlan): Promise<void> => {
  const open = new Set(plan.tasks.flatMap(({ phase, status }) => (status === 'open' ? (phase ?? []) : [])));
  const peopled = new Set(plan.tasks.flatMap(({ phase }) => phase ?? []));
  const over = new Set([...peopled].filter((key) => !open.has(key)));
  if (over.size === 0) return;
  for (const { id, key, status } of await listPhases(connection, projectId)) {
    if (status !== 'active' || key === undefined || !over.has(key)) continue;
    const result = await connection.hub.command('phase.complete', projectId, { phaseId: id });
    if (!result.ok && result.refusal.code !== 'phase_has_open_tasks')
      throw new Failure(`phase ${key} was not completed: ${result.refusal.detail ?? result.refusal.code}`, {
        code: result.refusal.code,
      });
  }
};

/** Sends a plan to a project. Repeating it after a failure sends what is missing: known keys are brought up to date. */
export const sendPlan = async (
  connection: Connection,
  projectId: string,
  plan: WirePlan,
  onProgress: (sent: number, total: number) => void,
): Promise<Sent> => {
  const phases = tallyPhases(plan.phases, await listPhases(connection, projectId));
  const chunks = chunksOf(plan);
  const total = plan.phases.length + plan.tasks.length;
  const all: Tally = { created: 0, updated: 0, unchanged: 0 };
  let edges = 0;
  let sent = 0;
  for (const [at, chunk] of chunks.entries()) {
    const part = chunks.length === 1 ? '' : `part ${at + 1} of ${chunks.length} of `;
    const applied = await connection.command(`${part}the plan was not imported`, 'plan.apply', projectId, {
      phases: [...chunk.phases],
      tasks: [...chunk.tasks],
    });
    all.created += applied.created;
    all.updated += applied.updated;
    all.unchanged += applied.unchanged;
    edges += applied.edges;
    sent += chunk.phases.length + chunk.tasks.length;
    onProgress(sent, total);
  }
  await completePhases(connection, projectId, plan);
  return {
    phases,
    edges,
    tasks: {
      created: all.created - phases.created,
      updated: all.updated - phases.updated,
      unchanged: all.unchanged - phases.unchanged,
    },
  };
};

/**
 * What became of the file's items. An item that contains others is a phase and often no task: as many phases count as items
 * as the reader counted beyond the tasks. The three numbers add up to the items that were imported.
 */
export const tallyItems = ({ tasks, phases }: Sent, importedItems: number): Tally => {
  let left = Math.max(0, importedItems - tasks.created - tasks.updated - tasks.unchanged);
  const take = (count: number): number => {
    const taken = Math.min(count, left);
    left -= taken;
    return taken;
  };
  return {
    created: tasks.created + take(phases.created),
    updated: tasks.updated + take(phases.updated),
    unchanged: tasks.unchanged + take(phases.unchanged),
  };
};
