export { makeMemoryBuses } from './memory-buses.ts';
export { makeMemoryStore } from './memory-store.ts';
export type { MemoryStoreOptions } from './memory-store.ts';
export { makeMemoryTokenStores } from './token-stores.ts';
