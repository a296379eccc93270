/** What a hub can do is measured, not what it lets one caller or one address do: all of ours share both. */
export const NO_LIMITS = {
  principalPerSecond: 0,
  projectPerSecond: 0,
  addressPerSecond: 0,
  connectionsPerAddress: 0,
  waitingPerAddress: 0,
};
