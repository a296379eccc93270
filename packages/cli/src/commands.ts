import type { Entry } from './cli/command.ts';

/** Every command by its first word; a command's code is loaded when it is called. */
export const entries: Readonly<Record<string, Entry>> = {
  up: { summary: 'start a hub here', load: async () => (await import('./commands/up.ts')).up },
  migrate: {
    summary: 'make the schema of a database of yours, and end',
    load: async () => (await import('./commands/migrate.ts')).migrate,
  },
  secrets: {
    summary: 'make the secrets of a hub in containers',
    load: async () => (await import('./commands/secrets.ts')).secrets,
  },
  join: {
    summary: 'let the agents of this repository work through the hub',
    load: async () => (await import('./commands/join.ts')).join,
  },
  leave: {
    summary: 'take back what act join wrote',
    load: async () => (await import('./commands/leave.ts')).leave,
  },
  doctor: {
    summary: 'what is wrong between agents and hub',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  status: {
    summary: 'who does what, what is next, what is stuck',
    load: async () => (await import('./commands/status.ts')).status,
  },
  tail: {
    summary: 'live events, one line each',
    load: async () => (await import('./commands/tail.ts')).tail,
  },
  plan: {
    summary: 'import a plan file, show the plan',
    load: async () => (await import('./commands/plan.ts')).plan,
  },
  task: {
    summary: 'create, claim, complete … single tasks',
    load: async () => (await import('./commands/task.ts')).task,
  },
  message: {
    summary: 'send and read messages as an agent',
    load: async () => (await import('./commands/message.ts')).message,
  },
  artifact: {
    summary: 'hand over files, fetch them',
    load: async () => (await import('./commands/artifact.ts')).artifact,
  },
  reserve: {
    summary: 'reserve files or lines before editing',
    load: async () => (await import('./commands/reserve.ts')).reserve,
  },
  reservations: {
    summary: 'who has reserved what; end one',
    load: async () => (await import('./commands/reservations.ts')).reservations,
  },
  conflicts: {
    summary: 'what waits for a decision, and decide it',
    load: async () => (await import('./commands/conflicts.ts')).conflicts,
  },
  project: {
    summary: 'create, list and archive projects',
    load: async () => (await import('./commands/project.ts')).project,
  },
  audit: {
    summary: 'verify and export the log',
    load: async () => (await import('./commands/audit.ts')).audit,
  },
  privacy: {
    summary: 'export or erase what is kept of a member',
    load: async () => (await import('./commands/privacy.ts')).privacy,
  },
  member: {
    summary: 'who may do what in a project',
    load: async () => (await import('./commands/member.ts')).member,
  },
  key: {
    summary: 'make, rotate and revoke API keys',
    load: async () => (await import('./commands/key.ts')).key,
  },
  work: {
    summary: 'let a program do tasks, one after the other',
    load: async () => (await import('./commands/work.ts')).work,
  },
  mcp: {
    summary: 'the hub’s tools over stdio, for clients of MCP',
    load: async () => (await import('./commands/mcp.ts')).mcp,
  },
  check: {
    summary: 'run a command on this branch merged with the main branch',
    load: async () => (await import('./commands/check.ts')).check,
  },
  watch: {
    summary: 'report what agents do to files, predict conflicts',
    load: async () => (await import('./commands/watch.ts')).watch,
  },
  demo: {
    summary: 'four agents, one dies: half a minute, nothing to set up',
    load: async () => (await import('./commands/demo.ts')).demo,
  },
};
