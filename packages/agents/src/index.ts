export { agentHere, agentOfEnvironment } from './clients/environment.ts';
export { failOpensFile, readFailOpens, toldFile } from './hook/fail-opens.ts';
export { findPlace, homeFolder, joinedFile, MARKER, realPath, treeOf } from './hook/place.ts';
export type { JoinedProject, Place, Tree } from './hook/place.ts';
