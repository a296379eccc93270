import type { QueryOutput } from '@agentmix/act-contract';

export type {
  CommandInput,
  CommandName,
  CommandOutput,
  Frame,
  FramedEvent,
  NewEvent,
  Refusal,
} from '@agentmix/act-contract';
export type Snapshot = QueryOutput<'project.snapshot'>;
