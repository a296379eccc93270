import { busAcceptance } from '@agentmix/act-testing/bus-acceptance';
import { makeMemoryBuses } from './memory-buses.ts';

busAcceptance('buses in memory', async () => {
  const { open } = makeMemoryBuses();
  return { open: async () => open(), dispose: () => Promise.resolve() };
});
