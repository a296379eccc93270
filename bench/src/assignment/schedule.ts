/** One task done by one agent from `start` to `end`, in the instance's time units. */
export interface Assignment {
  readonly taskId: string;
  readonly agentId: string;
  readonly start: number;
  readonly end: number;
}

export type Schedule = readonly Assignment[];
