import type { Instance, Task } from './parse.ts';
import type { Assignment, Schedule } from './schedule.ts';

/**
 * Checks a schedule against the instance alone; shares no code with the simulator or the bound.
 *
 * @returns the makespan: the latest end
 * @throws Error naming the first violation: a task missing, unknown or done twice, a wrong duration, an unknown agent,
 *   a missing skill, too low a level, two tasks at once, or a start before a predecessor's end
 */
export function validateSchedule(instance: Instance, schedule: Schedule): number {
  const doneBy = new Map<string, Assignment>();
  for (const each of schedule) {
    if (doneBy.has(each.taskId)) throw new Error(`${instance.name}: task ${each.taskId} is scheduled twice`);
    doneBy.set(each.taskId, each);
  }
  for (const task of instance.tasks) {
    const done = doneBy.get(task.id);
    if (done === undefined) throw new Error(`${instance.name}: task ${task.id} is not scheduled`);
    checkTask(instance, task, done);
    checkPredecessors(instance, task, done, doneBy);
  }
  if (schedule.length !== instance.tasks.length) {
    throw new Error(`${instance.name}: ${schedule.length} assignments for ${instance.tasks.length} tasks`);
  }
  checkOverlaps(instance, schedule);
  return schedule.reduce((latest, each) => Math.max(latest, each.end), 0);
}

function checkTask(instance: Instance, task: Task, done: Assignment): void {
  const where = `${instance.name}: task ${task.id}`;
  if (!(done.start >= 0)) throw new Error(`${where} starts at ${done.start}`);
  if (done.end - done.start !== task.duration) {
    throw new Error(`${where} takes ${done.end - done.start} instead of ${task.duration}`);
  }
  const agent = instance.agents.find((each) => each.id === done.agentId);
  if (agent === undefined) throw new Error(`${where} is done by unknown agent ${done.agentId}`);
  const level = agent.skills[task.skill];
  if (level === undefined) throw new Error(`${where} needs ${task.skill}, which agent ${agent.id} lacks`);
  if (level < task.level) {
    throw new Error(
      `${where} needs ${task.skill} at level ${task.level}, agent ${agent.id} has level ${level}`,
    );
  }
}

function checkPredecessors(
  instance: Instance,
  task: Task,
  done: Assignment,
  doneBy: ReadonlyMap<string, Assignment>,
): void {
  for (const id of task.predecessors) {
    const end = doneBy.get(id)?.end ?? Number.POSITIVE_INFINITY;
    if (end > done.start) {
      throw new Error(
        `${instance.name}: task ${task.id} starts at ${done.start}, its predecessor ${id} ends at ${end}`,
      );
    }
  }
}

function checkOverlaps(instance: Instance, schedule: Schedule): void {
  const ordered = [...schedule].sort((left, right) => left.start - right.start || left.end - right.end);
  const last = new Map<string, Assignment>();
  for (const each of ordered) {
    const previous = last.get(each.agentId);
    if (previous !== undefined && previous.end > each.start) {
      throw new Error(
        `${instance.name}: agent ${each.agentId} starts task ${each.taskId} at ${each.start} ` +
          `while on task ${previous.taskId} until ${previous.end}`,
      );
    }
    last.set(each.agentId, each);
  }
}
