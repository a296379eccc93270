import { DEFAULT_SETTINGS, emptyState, evolve, noChanges } from '@agentmix/act-core';
import type { ProjectState } from '@agentmix/act-core';
import type { EventData, EventType, FramedEvent, Region } from '@agentmix/act-contract';

/** A fixed id: the same number is the same id, whatever it names. */
export const id = (number: number): string => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;

const SESSIONS_FROM = 100;
const RESERVATIONS_FROM = 1_000;
const REGIONS_PER_FILE = 16;
const LINES = 5;
export const sessionOf = (agent: number): string => id(SESSIONS_FROM + agent);
export const fileOf = (at: number): string => `src/${at}.ts`;

/** Applies an event as if it came from the log. */
export const happen = <T extends EventType>(
  state: ProjectState,
  type: T,
  data: EventData<T>,
  agentId?: string,
): void =>
  evolve(
    state,
    // The shell adds what only delivery needs; the core reads type, agent and data.
    { seq: state.seq + 1, type, data, ...(agentId === undefined ? {} : { agentId }) } as FramedEvent,
    0,
    noChanges(),
  );

const newProject = (): ProjectState => {
  const state = emptyState(id(1));
  happen(state, 'project.created', { name: 'crowded', settings: DEFAULT_SETTINGS });
  return state;
};

/** A project with so many live agents. */
export const withAgents = (agents: number): ProjectState => {
  const state = newProject();
  for (let agent = 0; agent < agents; agent++)
    happen(
      state,
      'agent.registered',
      { sessionId: sessionOf(agent), name: `agent-${agent}`, capabilities: [], leaseMs: 30_000 },
      `agent-${agent}`,
    );
  return state;
};

/** So many agents at once in so many files, 16 regions each, and every agent with a pattern of its own besides. */
export const crowdedFiles = (agents: number, files: number): ProjectState => {
  const state = withAgents(agents);
  let reservations = RESERVATIONS_FROM;
  const grant = (agent: number, region: Region): void => {
    const regions = [{ reservationId: id(reservations++), ...region, mode: 'exclusive' as const }];
    happen(state, 'reservation.granted', { sessionId: sessionOf(agent), regions }, `agent-${agent}`);
  };
  for (let at = 0; at < REGIONS_PER_FILE * files; at++)
    grant(at % agents, { path: fileOf(at % files), ranges: [{ start: 2 * LINES * at, lines: LINES }] });
  for (let agent = 0; agent < agents; agent++) grant(agent, { pattern: `other-${agent}/**/*.{ts,js}` });
  return state;
};

/** So many open tasks, each of which names a pattern that is made to be slow. */
export const hostileTasks = (tasks: number): ProjectState => {
  const state = newProject();
  for (let at = 0; at < tasks; at++)
    happen(state, 'task.created', {
      taskId: id(RESERVATIONS_FROM + at),
      title: `task ${at}`,
      type: 'task',
      priority: 2,
      requires: [],
      filePaths: [`${'*a'.repeat(40)}${at}`, '**/x'],
      dependencies: [],
      status: 'ready',
    });
  return state;
};
