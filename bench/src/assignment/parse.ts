/** Work for one agent: `duration` whole time units without a break, needing `skill` at `level` or above. */
export interface Task {
  readonly id: string;
  readonly duration: number;
  readonly skill: string;
  readonly level: number;
  readonly predecessors: readonly string[];
}

/** An agent does one task at a time. `skills` maps a skill to the agent's level in it; an absent skill is not 0. */
export interface Agent {
  readonly id: string;
  readonly skills: Readonly<Record<string, number>>;
}

export interface Instance {
  readonly name: string;
  readonly tasks: readonly Task[];
  readonly agents: readonly Agent[];
}

/** Whether the agent has the task's skill at the level it asks for (level 0 still asks for the skill). */
export function canDo(agent: Agent, task: Task): boolean {
  const level = agent.skills[task.skill];
  return level !== undefined && level >= task.level;
}

type Section = 'header' | 'agents' | 'tasks';

const HEADINGS: readonly (readonly [RegExp, Section])[] = [
  [/^ResourceID\b/i, 'agents'],
  [/^TaskID\b/i, 'tasks'],
];
const RULE = /^=+/;
const SKILL = /([A-Za-z]\w*)\s*:\s*(\d+)/g;
const AGENT_LINE = /^(\d+)(?:\s+-?\d+(?:[.,]\d+)?)?((?:\s+[A-Za-z]\w*\s*:\s*\d+)*)$/;
const TASK_LINE = /^(\d+)\s+(\d+)((?:\s+[A-Za-z]\w*\s*:\s*\d+)+)((?:\s+\d+)*)$/;
const COUNT_LINE = /^(Tasks|Resources)\s*:\s*(\d+)$/i;

interface Draft {
  readonly tasks: Map<string, Task>;
  readonly agents: Map<string, Agent>;
  readonly counts: Map<string, number>;
}

/**
 * Reads an iMOPSE `.def` file. Columns may be parted by any mix of blanks and tabs, lines may end in CRLF, a task may
 * have no predecessors, an agent any number of skills (salary is optional and ignored).
 *
 * @param name names the file in errors and reports
 * @throws Error `name:line: reason` for a line it cannot read, an id used twice, an unknown predecessor, a cycle, a
 *   task nobody can do, or a table whose length differs from the one the header announces
 */
export function parseInstance(text: string, name: string): Instance {
  const draft: Draft = { tasks: new Map(), agents: new Map(), counts: new Map() };
  const lineOf = new Map<string, number>();
  let section: Section = 'header';
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const line = raw.trim();
    if (line === '' || RULE.test(line)) continue;
    const heading = HEADINGS.find(([pattern]) => pattern.test(line));
    if (heading) section = heading[1];
    else readLine(draft, section, line, `${name}:${index + 1}`);
    const lastTask = section === 'tasks' && !heading ? /^\d+/.exec(line)?.[0] : undefined;
    if (lastTask !== undefined) lineOf.set(lastTask, index + 1);
  }
  checkCounts(draft, name);
  const instance = { name, tasks: [...draft.tasks.values()], agents: [...draft.agents.values()] };
  checkTasks(instance, (id) => `${name}:${lineOf.get(id) ?? 0}`);
  return instance;
}

function readLine(draft: Draft, section: Section, line: string, where: string): void {
  switch (section) {
    case 'header': {
      const count = COUNT_LINE.exec(line);
      if (count?.[1] !== undefined) draft.counts.set(count[1].toLowerCase(), Number(count[2]));
      return;
    }
    case 'agents': {
      const agent = readAgent(line, where);
      if (draft.agents.has(agent.id)) throw new Error(`${where}: resource ${agent.id} is defined twice`);
      draft.agents.set(agent.id, agent);
      return;
    }
    case 'tasks': {
      const task = readTask(line, where);
      if (draft.tasks.has(task.id)) throw new Error(`${where}: task ${task.id} is defined twice`);
      draft.tasks.set(task.id, task);
    }
  }
}

function readSkills(text: string): [string, number][] {
  return [...text.matchAll(SKILL)].map((match) => [match[1] ?? '', Number(match[2])]);
}

function readAgent(line: string, where: string): Agent {
  const [, id, skills] = AGENT_LINE.exec(line) ?? [];
  if (id === undefined) throw new Error(`${where}: expected "id salary skill: level …", got "${line}"`);
  const levels = new Map<string, number>();
  for (const [skill, level] of readSkills(skills ?? '')) {
    levels.set(skill, Math.max(level, levels.get(skill) ?? 0));
  }
  return { id, skills: Object.fromEntries(levels) };
}

function readTask(line: string, where: string): Task {
  const [, id, duration, skills, predecessors] = TASK_LINE.exec(line) ?? [];
  const [required, ...others] = readSkills(skills ?? '');
  if (id === undefined || required === undefined) {
    throw new Error(`${where}: expected "id duration skill: level predecessor …", got "${line}"`);
  }
  if (others.some(([skill]) => skill !== required[0])) {
    throw new Error(`${where}: task ${id} needs several skills at once, which this benchmark does not model`);
  }
  return {
    id,
    duration: Number(duration),
    skill: required[0],
    level: Math.max(required[1], ...others.map(([, level]) => level)),
    predecessors: [...new Set((predecessors ?? '').split(/\s+/).filter((word) => word !== ''))],
  };
}

function checkCounts(draft: Draft, name: string): void {
  const found = { tasks: draft.tasks.size, resources: draft.agents.size };
  for (const [table, size] of Object.entries(found)) {
    const announced = draft.counts.get(table) ?? size;
    if (announced !== size)
      throw new Error(`${name}: the header announces ${announced} ${table}, the table has ${size}`);
    if (size === 0) throw new Error(`${name}: no ${table} found`);
  }
}

function checkTasks(instance: Instance, where: (taskId: string) => string): void {
  const waiting = new Map(instance.tasks.map((task) => [task.id, new Set(task.predecessors)]));
  for (const task of instance.tasks) {
    const unknown = task.predecessors.find((id) => !waiting.has(id));
    if (unknown !== undefined)
      throw new Error(`${where(task.id)}: task ${task.id} follows unknown task ${unknown}`);
    if (!instance.agents.some((agent) => canDo(agent, task))) {
      throw new Error(
        `${where(task.id)}: no resource has ${task.skill} at level ${task.level} for task ${task.id}`,
      );
    }
  }
  const cyclic = leftInCycles(instance.tasks);
  const first = cyclic[0];
  if (first !== undefined)
    throw new Error(`${where(first)}: task ${first} waits for itself (${cyclic.length} tasks do)`);
}

/** Kahn's algorithm: the ids that cannot be put in order because they are on or behind a cycle. */
function leftInCycles(tasks: readonly Task[]): string[] {
  const open = new Map(tasks.map((task) => [task.id, task.predecessors.length]));
  const followers = new Map<string, string[]>(tasks.map((task) => [task.id, []]));
  for (const task of tasks) for (const id of task.predecessors) followers.get(id)?.push(task.id);
  const free = tasks.filter((task) => task.predecessors.length === 0).map((task) => task.id);
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    open.delete(id);
    for (const follower of followers.get(id) ?? []) {
      const left = (open.get(follower) ?? 0) - 1;
      open.set(follower, left);
      if (left === 0) free.push(follower);
    }
  }
  return [...open.keys()];
}
