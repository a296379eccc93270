import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHub } from '@agentmix/act-hub';
import type { Hub } from '@agentmix/act-hub';
import { TOKEN_FILE } from '@agentmix/act-hub/paths';

export interface Stage {
  readonly hub: Hub;
  /** Where the hub’s key lies. */
  readonly tokenFile: string;
  close(): Promise<void>;
}

/** A hub of its own in a temporary directory, gone afterwards. */
export const openStage = async (): Promise<Stage> => {
  const folder = await mkdtemp(join(tmpdir(), 'act-demo-'));
  // As root the database runs as another user, who must be able to pass through.
  if (process.getuid?.() === 0) await chmod(folder, 0o711);
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const dataDir = join(folder, 'hub');
    const hub = await startHub({
      dataDir,
      host: '127.0.0.1',
      port: 0,
      databaseUrl: '',
      ownerKey: '',
      logLevel: 'silent',
    });
    return { hub, tokenFile: join(dataDir, TOKEN_FILE), close: () => hub.stop().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
};
