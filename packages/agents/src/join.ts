// What is written when a client joins, apart from what every command of `act` needs: it takes 10 ms to load.
export { clientKinds } from './clients/client-kinds.ts';
export type { ClientKind, Setup } from './clients/client-files.ts';
export { sharedFiles } from './clients/hook-path.ts';
export { withBlock, withoutBlock } from './files/block.ts';
export { Ledger, ownFile } from './files/ledger.ts';
export type { FileChange, Told } from './files/ledger.ts';
export { gitHooks, gitHooksAt } from './git/hook-scripts.ts';
export type { GitHooks } from './git/hook-scripts.ts';
export { readHookProgram } from './hook-program.ts';
