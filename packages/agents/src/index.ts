export { agentHere, agentOfEnvironment } from './clients/environment.ts';
export { failOpensFile, readFailOpens, toldFile } from './hook/fail-opens.ts';
export { codeFolder, findPlace, homeFolder, joinedFile, MARKER, realPath, treeOf } from './hook/place.ts';
export type { JoinedProject, Place, Tree } from './hook/place.ts';
export { isRunning, processMark } from './hook/process-mark.ts';
export { markWatcher, sessionOfWatcher, watcherOf, watchersHere } from './hook/watcher.ts';
export type { Watcher } from './hook/watcher.ts';
