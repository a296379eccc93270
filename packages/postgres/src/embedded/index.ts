export { DataDirectoryInUse, EmbeddedUnavailable } from './errors.ts';
export { type EmbeddedOptions, type EmbeddedServer, startEmbedded } from './start-embedded.ts';
