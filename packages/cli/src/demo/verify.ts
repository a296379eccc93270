import type { ActEvent, Hub } from '@agentmix/act-client';

export interface AgentTally {
  claimed: number;
  completed: number;
  takenOver: number;
}

export interface Verdict {
  readonly tasks: number;
  readonly events: number;
  readonly agents: ReadonlyMap<string, AgentTally>;
  /** Sentences; none when all is right. */
  readonly faults: readonly string[];
}

interface History {
  readonly title: string;
  completed: number;
  holder?: string;
  epoch: number;
  /** A claim was lost before, by whom. */
  lostBy?: string;
}

/** Reads the whole log up to a position, as the hub keeps it. */
export const readLog = async (hub: Hub, projectId: string, lastSeq: number): Promise<ActEvent[]> => {
  const events: ActEvent[] = [];
  if (lastSeq === 0) return events;
  for await (const item of hub.events(projectId, { after: 0 })) {
    if (item.kind !== 'event') break;
    events.push(item.event);
    if (item.event.seq >= lastSeq) break;
  }
  return events;
};

/**
 * Judges a log by itself: without gaps; each grant raises the task's epoch by one, to one holder at a time; each task is
 * completed exactly once, by the agent that held it.
 */
export const verify = (events: readonly ActEvent[]): Verdict => {
  const faults: string[] = [];
  const tasks = new Map<string, History>();
  const agents = new Map<string, AgentTally>();
  const tallyOf = (agent: string): AgentTally => {
    const tally = agents.get(agent) ?? { claimed: 0, completed: 0, takenOver: 0 };
    agents.set(agent, tally);
    return tally;
  };
  events.forEach((event, at) => {
    if (event.seq !== at + 1) faults.push(`event ${at + 1} is missing in the log`);
    if (event.type === 'task.created') {
      tasks.set(event.data.taskId, { title: event.data.title, completed: 0, epoch: 0 });
      return;
    }
    if (event.type !== 'task.claimed' && event.type !== 'task.completed' && event.type !== 'task.released')
      return;
    const task = tasks.get(event.data.taskId);
    const agent = event.agentId ?? '';
    if (!task) {
      faults.push(`event ${event.seq} speaks of an unknown task`);
      return;
    }
    switch (event.type) {
      case 'task.claimed':
        if (task.holder !== undefined)
          faults.push(`“${task.title}” was given to ${agent} while ${task.holder} held it`);
        if (event.data.epoch !== task.epoch + 1) faults.push(`“${task.title}” skipped an epoch`);
        task.holder = agent;
        task.epoch = event.data.epoch;
        tallyOf(agent).claimed++;
        return;
      case 'task.completed':
        if (task.holder !== agent)
          faults.push(`“${task.title}” was completed by ${agent}, who did not hold it`);
        task.completed++;
        tallyOf(agent).completed++;
        if (task.lostBy !== undefined && task.lostBy !== agent) tallyOf(agent).takenOver++;
        delete task.holder;
        return;
      case 'task.released':
        if (event.data.reason === 'expired' && task.holder !== undefined) task.lostBy = task.holder;
        delete task.holder;
    }
  });
  for (const { title, completed } of tasks.values())
    if (completed !== 1) faults.push(`“${title}” was completed ${completed} times`);
  return { tasks: tasks.size, events: events.length, agents, faults };
};
