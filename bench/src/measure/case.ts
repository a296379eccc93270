/** What one run of a case reports. Only the timed section counts; set-up and verification do not. */
export interface CaseResult {
  /** Operations done in the timed section (for claims: tasks claimed and completed). */
  count: number;
  /** Wall-clock length of the timed section. */
  seconds: number;
  /** One entry per operation that a caller waited for, in ms. Absent where a caller cannot be observed. */
  latenciesMs?: readonly number[];
  /** CPU time of this Node process, all threads, in µs. */
  nodeCpuUs?: number;
  /** CPU time of PostgreSQL, all processes, in µs. */
  dbCpuUs?: number;
}

/**
 * One thing to measure. `run` is called once per round and must leave nothing behind: it makes its own
 * database, measures one section, verifies the outcome and throws if the work was not done as promised.
 */
export interface Case {
  name: string;
  run(): Promise<CaseResult>;
}
