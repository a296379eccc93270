import { integer } from './integer.ts';

/** What one hub takes; 0 means no limit. Counted in whole seconds. */
export interface Limits {
  /** Calls of one principal. An agent that works makes a few a second. */
  readonly principalPerSecond: number;
  /** Calls to one project, by whomever. */
  readonly projectPerSecond: number;
  /** Calls from one address that are not yet known to be anybody’s; a refused token counts ten times. */
  readonly addressPerSecond: number;
  readonly connectionsPerAddress: number;
  /** Connections of one address on which nobody has shown a valid token; the oldest makes room for the next. */
  readonly waitingPerAddress: number;
}

const LIMITS = {
  principalPerSecond: ['ACT_LIMIT_PRINCIPAL_PER_SECOND', 1_000],
  projectPerSecond: ['ACT_LIMIT_PROJECT_PER_SECOND', 5_000],
  addressPerSecond: ['ACT_LIMIT_ADDRESS_PER_SECOND', 500],
  connectionsPerAddress: ['ACT_LIMIT_CONNECTIONS_PER_ADDRESS', 4_096],
  waitingPerAddress: ['ACT_LIMIT_WAITING_PER_ADDRESS', 256],
} as const satisfies Record<keyof Limits, readonly [name: string, fallback: number]>;

export const readLimits = (
  given: Partial<Limits>,
  env: Readonly<Record<string, string | undefined>>,
): Limits => {
  const read = (key: keyof Limits): number => {
    const [name, fallback] = LIMITS[key];
    return given[key] ?? integer(name, env[name], fallback, 0, 1_000_000);
  };
  return {
    principalPerSecond: read('principalPerSecond'),
    projectPerSecond: read('projectPerSecond'),
    addressPerSecond: read('addressPerSecond'),
    connectionsPerAddress: read('connectionsPerAddress'),
    waitingPerAddress: read('waitingPerAddress'),
  };
};
