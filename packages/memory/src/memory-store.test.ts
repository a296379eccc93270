import { storeAcceptance } from '@agentmix/act-testing/acceptance';
import { makeMemoryStore } from './memory-store.ts';

storeAcceptance('memory', async () => {
  let now = Date.UTC(2026, 0, 1);
  const store = makeMemoryStore({ clock: () => now });
  return {
    store,
    advanceClock: (ms) => {
      now += ms;
    },
    dispose: () => store.close(),
  };
});
