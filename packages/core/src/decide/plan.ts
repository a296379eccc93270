import type { CommandInput, NewEvent, Refusal } from '@agentmix/act-contract';
import { DEPENDENCIES_MAX } from '@agentmix/act-contract';
import { capabilityKey } from '../capabilities.ts';
import { defined } from '../defined.ts';
import { fingerprint } from '../fingerprint.ts';
import { describeCycle, emptyDraft, findCycle, graphOf, taskNode, waitsFor } from '../graph.ts';
import type { Draft } from '../graph.ts';
import { isClosed } from '../state.ts';
import type { ProjectState, TaskState } from '../state.ts';
import { accept, isRefused, refuse } from './decision.ts';
import type { Decide, DecisionContext } from './decision.ts';

type Plan = CommandInput<'plan.apply'>;
type PlanTask = Plan['tasks'][number];
type TaskCreated = Extract<NewEvent, { type: 'task.created' }>;

interface Work {
  readonly state: ProjectState;
  readonly phaseIds: Map<string, string>;
  readonly taskIds: Map<string, string>;
  /** New tasks that come as closed, and new phases with only such tasks: nothing waits for them. */
  readonly closed: Set<string>;
  readonly draft: Draft;
}

type Refused = { refusal: Refusal };

const repeatedKey = (items: readonly { key: string }[]): string | undefined => {
  const seen = new Set<string>();
  return items.find(({ key }) => seen.has(key) || !seen.add(key))?.key;
};

const phaseEvents = (work: Work, plan: Plan, newId: () => string): NewEvent[] | Refused => {
  const { state, phaseIds } = work;
  for (const { key } of plan.phases) phaseIds.set(key, state.phaseIdsByKey.get(key) ?? newId());
  const events: NewEvent[] = [];
  const waiting = new Map(plan.phases.map((phase) => [phase.key, phase]));
  const visit = (key: string, path: readonly string[]): Refused | undefined => {
    const phase = waiting.get(key);
    if (!phase) return undefined;
    if (path.includes(key))
      return refuse('dependency_cycle', [...path.slice(path.indexOf(key)), key].join(' → '));
    for (const wanted of phase.dependsOn) {
      const refused = visit(wanted, [...path, key]);
      if (refused) return refused;
    }
    waiting.delete(key);
    const dependencies: string[] = [];
    for (const wanted of new Set(phase.dependsOn)) {
      const id = phaseIds.get(wanted) ?? state.phaseIdsByKey.get(wanted);
      if (id === undefined)
        return refuse(
          'phase_not_found',
          `phase ${key} depends on ${wanted}, which is neither in the plan nor in the project`,
        );
      dependencies.push(id);
    }
    const phaseId = phaseIds.get(key) ?? '';
    const known = state.phases.get(phaseId);
    const said = { name: phase.name, ...defined({ description: phase.description }) };
    if (!known) {
      work.draft.phases.set(phaseId, dependencies);
      events.push({ type: 'phase.created', data: { phaseId, key, ...said, dependencies } });
    } else if (known.name !== phase.name || (known.description ?? '') !== (phase.description ?? '')) {
      events.push({
        type: 'phase.updated',
        data: { phaseId, name: phase.name, description: phase.description ?? '' },
      });
    }
    return undefined;
  };
  for (const { key } of plan.phases) {
    const refused = visit(key, []);
    if (refused) return refused;
  }
  return events;
};

const changesOf = (
  known: TaskState,
  planned: PlanTask,
): Omit<Extract<NewEvent, { type: 'task.updated' }>['data'], 'taskId'> => {
  const sameList = (a: readonly string[], b: readonly string[]) =>
    a.length === b.length && a.every((item, at) => item === b[at]);
  return defined({
    title: known.title === planned.title ? undefined : planned.title,
    description:
      fingerprint(planned.description ?? '') === known.descriptionHash
        ? undefined
        : (planned.description ?? ''),
    type: known.type === planned.type ? undefined : planned.type,
    priority: known.priority === planned.priority ? undefined : planned.priority,
    complexityScore: known.complexityScore === planned.complexityScore ? undefined : planned.complexityScore,
    estimatedTime: known.estimatedTime === planned.estimatedTime ? undefined : planned.estimatedTime,
    requires:
      capabilityKey(known.requires) === capabilityKey(planned.requires) ? undefined : planned.requires,
    filePaths: sameList(known.filePaths, planned.filePaths) ? undefined : planned.filePaths,
  });
};

const resolveKeys = (
  work: Work,
  planned: PlanTask,
): { dependencies: string[]; phaseId: string | undefined } | Refused => {
  const { state, taskIds, phaseIds } = work;
  const dependencies: string[] = [];
  for (const key of new Set(planned.dependsOn)) {
    const id = taskIds.get(key) ?? state.taskIdsByKey.get(key);
    if (id === undefined)
      return refuse(
        'task_not_found',
        `task ${planned.key} depends on ${key}, which is neither in the plan nor in the project`,
      );
    dependencies.push(id);
  }
  const phaseId =
    planned.phase === undefined
      ? undefined
      : (phaseIds.get(planned.phase) ?? state.phaseIdsByKey.get(planned.phase));
  if (planned.phase !== undefined && phaseId === undefined) {
    return refuse(
      'phase_not_found',
      `task ${planned.key} is in phase ${planned.phase}, which is neither in the plan nor in the project`,
    );
  }
  return { dependencies, phaseId };
};

const isWaiting = (work: Work, taskId: string): boolean =>
  [...waitsFor(work.state, work.draft, taskId)].some((node) => !work.closed.has(node.replace(/^\w+:/, '')));

const existingTask = (
  work: Work,
  planned: PlanTask,
  known: TaskState,
  dependencies: readonly string[],
): NewEvent[] => {
  const patch = changesOf(known, planned);
  const events: NewEvent[] =
    Object.keys(patch).length > 0 ? [{ type: 'task.updated', data: { taskId: known.id, ...patch } }] : [];
  const isMovable = known.status !== 'claimed';
  const room = DEPENDENCIES_MAX - known.dependencies.length;
  const missing = isMovable
    ? dependencies.filter((id) => !known.dependencies.includes(id)).slice(0, room)
    : [];
  if (missing.length === 0) return events;
  work.draft.dependencies.set(known.id, missing);
  for (const dependsOn of missing)
    events.push({ type: 'dependency.added', data: { taskId: known.id, dependsOn } });
  if (known.status === 'ready' && isWaiting(work, known.id))
    events.push({ type: 'task.pending', data: { taskId: known.id } });
  return events;
};

/** New phases all of whose tasks come as closed: they are complete from the start. */
const completedPhases = (work: Work, plan: Plan): NewEvent[] => {
  const events: NewEvent[] = [];
  for (const { key } of plan.phases) {
    const phaseId = work.phaseIds.get(key) ?? '';
    const tasks = plan.tasks.filter(({ phase }) => phase === key);
    if (
      !work.draft.phases.has(phaseId) ||
      tasks.length === 0 ||
      tasks.some(({ status }) => status === 'open')
    )
      continue;
    work.closed.add(phaseId);
    events.push({ type: 'phase.completed', data: { phaseId, actualEffort: 0 } });
  }
  return events;
};

/** New tasks with their dependencies first, so that every event speaks only of what is already there. */
const inOrder = (work: Work, created: ReadonlyMap<string, TaskCreated>): TaskCreated[] => {
  const ordered: TaskCreated[] = [];
  const seen = new Set<string>();
  for (const root of created.keys()) {
    const path = [root];
    for (let id = path.at(-1); id !== undefined; id = path.at(-1)) {
      const event = created.get(id);
      const open = seen.has(id)
        ? undefined
        : event?.data.dependencies.find((other) => created.has(other) && !seen.has(other) && other !== id);
      if (open !== undefined && !path.includes(open)) {
        path.push(open);
        continue;
      }
      if (event && !seen.has(id)) ordered.push(event);
      seen.add(id);
      path.pop();
    }
  }
  return ordered.map((event) =>
    isClosed(event.data.status)
      ? event
      : {
          ...event,
          data: { ...event.data, status: isWaiting(work, event.data.taskId) ? 'pending' : 'ready' },
        },
  );
};

const taskEvents = (work: Work, plan: Plan, newId: () => string): NewEvent[] | Refused => {
  const { state, taskIds, draft } = work;
  for (const { key, status } of plan.tasks) {
    const id = state.taskIdsByKey.get(key) ?? newId();
    taskIds.set(key, id);
    if (status === 'open' && !state.taskIdsByKey.has(key)) draft.dependencies.set(id, []);
    if (status !== 'open' && !state.taskIdsByKey.has(key)) work.closed.add(id);
  }
  const created = new Map<string, TaskCreated>();
  const changed: NewEvent[] = [];
  const existing: (() => NewEvent[])[] = [];
  for (const planned of plan.tasks) {
    const resolved = resolveKeys(work, planned);
    if (isRefused(resolved)) return resolved;
    const { dependencies, phaseId } = resolved;
    const taskId = taskIds.get(planned.key) ?? '';
    const known = state.tasks.get(taskId);
    if (known) existing.push(() => existingTask(work, planned, known, dependencies));
    else if (!state.closedTasks.has(taskId)) {
      const { dependsOn: _keys, phase: _phase, status, ...body } = planned;
      if (status === 'open') {
        draft.dependencies.set(taskId, dependencies);
        if (phaseId !== undefined) draft.phaseOf.set(taskId, phaseId);
      }
      const data = {
        taskId,
        ...defined({ ...body, phaseId }),
        dependencies,
        status: status === 'open' ? 'ready' : status,
      };
      created.set(taskId, { type: 'task.created', data: data as TaskCreated['data'] });
    }
  }
  const done = completedPhases(work, plan);
  for (const events of existing) changed.push(...events());
  const ordered = inOrder(work, created);
  const closed = ordered.filter(({ data }) => isClosed(data.status));
  return [...closed, ...done, ...ordered.filter(({ data }) => !isClosed(data.status)), ...changed];
};

/**
 * The whole plan or nothing. Known keys are brought to what the plan says (never their status; held tasks keep
 * their dependencies), unknown ones are created, and edges that are missing are added; none is removed.
 */
export const applyPlan: Decide<'plan.apply'> = (state, plan, { newId }: DecisionContext) => {
  const repeated = repeatedKey(plan.tasks) ?? repeatedKey(plan.phases);
  if (repeated !== undefined) return refuse('duplicate_key', 'the plan names a key twice', { key: repeated });
  const work: Work = {
    state,
    phaseIds: new Map(),
    taskIds: new Map(),
    closed: new Set(),
    draft: emptyDraft(),
  };
  const phases = phaseEvents(work, plan, newId);
  if (isRefused(phases)) return phases;
  const tasks = taskEvents(work, plan, newId);
  if (isRefused(tasks)) return tasks;
  const created = tasks.filter(
    (event) => event.type === 'task.created' && !isClosed(event.data.status),
  ).length;
  if (state.tasks.size + created > state.settings.openTasksMax) {
    return refuse('limit_reached', `the project may have ${state.settings.openTasksMax} open tasks`, {
      limit: 'openTasksMax',
    });
  }
  const cycle = findCycle(graphOf(state, work.draft), [...work.draft.dependencies.keys()].map(taskNode));
  if (cycle) {
    const names = new Map([...work.taskIds, ...work.phaseIds].map(([key, id]) => [id, key]));
    return refuse('dependency_cycle', describeCycle(state, cycle, names), { cycle });
  }
  return accept(...phases, ...tasks);
};
