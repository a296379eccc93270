/** What a hub can do is measured, not what it lets one caller or one address do: all of ours share both. */
export const NO_LIMITS = {
  principalPerSecond: 0,
  projectPerSecond: 0,
  addressPerSecond: 0,
  connectionsPerAddress: 0,
  waitingPerAddress: 0,
};

/** Calls are counted by principal, project and address as ever, and never too many. */
export const COUNTED_LIMITS = {
  principalPerSecond: 1_000_000,
  projectPerSecond: 1_000_000,
  addressPerSecond: 1_000_000,
  connectionsPerAddress: 100_000,
  waitingPerAddress: 100_000,
};
