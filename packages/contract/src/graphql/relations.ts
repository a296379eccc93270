import type { Agent, Artifact, Assistance, Conflict, FileWatch, Message, Phase, Task } from '../entities.ts';
import type { QueryName } from '../table.ts';
import { graphqlCalls } from './calls.ts';

interface Entities {
  readonly Agent: Agent;
  readonly Artifact: Artifact;
  readonly Assistance: Assistance;
  readonly Conflict: Conflict;
  readonly FileWatch: FileWatch;
  readonly Message: Message;
  readonly Phase: Phase;
  readonly Task: Task;
}

/** How an entity is found by its id: alone, or in the list that holds it, by `narrow` where the list has that filter. */
export const lookups = {
  Agent: { query: 'agent.list', narrow: 'agentId' },
  Phase: { query: 'phase.list' },
  Task: { query: 'task.get', narrow: 'taskId' },
} as const satisfies Record<string, { query: QueryName; narrow?: string }>;
export type Target = keyof typeof lookups;

/** A field that leads from an entity to others. */
export type Relation =
  /** To what its fields name by id. */
  | { readonly kind: 'one' | 'many'; readonly to: Target; readonly by: string }
  /** To what a query answers; the given inputs are the entity’s own fields. */
  | { readonly kind: 'ask'; readonly query: QueryName; readonly given: Readonly<Record<string, string>> };

type RelationOf<Entity> =
  | { readonly kind: 'one' | 'many'; readonly to: Target; readonly by: keyof Entity & string }
  | {
      readonly kind: 'ask';
      readonly query: QueryName;
      readonly given: Readonly<Record<string, keyof Entity & string>>;
    };

const entityRelations: { readonly [E in keyof Entities]: Readonly<Record<string, RelationOf<Entities[E]>>> } =
  {
    Agent: {
      messages: { kind: 'ask', query: 'message.list', given: { agentId: 'id' } },
      history: { kind: 'ask', query: 'event.list', given: { agentId: 'id' } },
      reservations: { kind: 'ask', query: 'reservation.list', given: { agentId: 'id' } },
      predictions: { kind: 'ask', query: 'prediction.list', given: { agentId: 'id' } },
    },
    Artifact: {
      agent: { kind: 'one', to: 'Agent', by: 'agentId' },
      task: { kind: 'one', to: 'Task', by: 'taskId' },
    },
    Assistance: {
      agent: { kind: 'one', to: 'Agent', by: 'agentId' },
      task: { kind: 'one', to: 'Task', by: 'taskId' },
      offeredAgents: { kind: 'many', to: 'Agent', by: 'offeredTo' },
    },
    Conflict: {
      agents: { kind: 'many', to: 'Agent', by: 'involvedAgents' },
      tasks: { kind: 'many', to: 'Task', by: 'taskIds' },
    },
    FileWatch: {
      agent: { kind: 'one', to: 'Agent', by: 'agentId' },
      tasks: { kind: 'many', to: 'Task', by: 'relatedTaskIds' },
    },
    Message: {
      sender: { kind: 'one', to: 'Agent', by: 'senderAgentId' },
      recipient: { kind: 'one', to: 'Agent', by: 'recipientAgentId' },
      task: { kind: 'one', to: 'Task', by: 'taskId' },
    },
    Phase: {
      tasks: { kind: 'ask', query: 'task.list', given: { phaseId: 'id' } },
      owner: { kind: 'one', to: 'Agent', by: 'ownerAgentId' },
      dependsOn: { kind: 'many', to: 'Phase', by: 'dependencies' },
    },
    Task: {
      phase: { kind: 'one', to: 'Phase', by: 'phaseId' },
      agent: { kind: 'one', to: 'Agent', by: 'assignedAgentId' },
      dependsOn: { kind: 'many', to: 'Task', by: 'dependencies' },
      history: { kind: 'ask', query: 'event.list', given: { taskId: 'id' } },
      artifacts: { kind: 'ask', query: 'artifact.list', given: { taskId: 'id' } },
    },
  };

/** A project has what lies right below its path in the table, by the name that it has there. */
const projectRelations = (): Record<string, Relation> =>
  Object.fromEntries(
    graphqlCalls.flatMap(({ kind, name, path }) => {
      const [, field] = /^\/projects\/\{projectId\}\/(\w+)$/.exec(path) ?? [];
      return kind === 'query' && field !== undefined
        ? [[field, { kind: 'ask', query: name as QueryName, given: {} } satisfies Relation]]
        : [];
    }),
  );

/** By type, then by field. Every one of them is a call of the table, with the rights of whoever asks. */
export const relations: Readonly<Record<string, Readonly<Record<string, Relation>>>> = {
  Project: projectRelations(),
  ...entityRelations,
};
