import { tokenStoresAcceptance } from '@agentmix/act-testing/token-acceptance';
import { makeMemoryTokenStores } from './token-stores.ts';

tokenStoresAcceptance('memory', async () => {
  let now = Date.UTC(2026, 0, 1);
  return {
    ...makeMemoryTokenStores({ clock: () => now }),
    advanceClock: (ms) => {
      now += ms;
    },
    dispose: async () => undefined,
  };
});
