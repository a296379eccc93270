// What a command needs to find a hub’s key, without loading the hub.
export { defaultDataDir } from './config/env.ts';
export { readToken, TOKEN_FILE } from './token-file.ts';
