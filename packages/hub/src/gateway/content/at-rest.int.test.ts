import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openGet, openPut, put, receive, storeFile } from '../../../test/files.ts';
import { openRest } from '../../../test/rest-door.ts';
import { commandId, silentLogger, TestHub } from '../../../test/start-test-hub.ts';
import { makeProject } from '../../../test/world.ts';

/** How many files below a directory hold a text or bytes. */
const filesWith = async (folder: string, text: string | Buffer): Promise<number> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  let found = 0;
  for (const file of files) if ((await readFile(file)).includes(text)) found++;
  return found;
};

it('leaves no plaintext of a file in the data directory, its write-ahead log or the hub’s log', async () => {
  const lines: string[] = [];
  const note = (...values: unknown[]): void => void lines.push(JSON.stringify(values));
  const logger = { ...silentLogger, info: note, warn: note, error: note } as typeof silentLogger;
  const hub = await TestHub.start({ logger });
  const door = openRest(hub);
  const projectId = await makeProject(door);
  const [canary, half, name] = ['canary', 'half', 'name'].map(
    (word) => `${word}${randomBytes(12).toString('hex')}`,
  );
  if (!canary || !half || !name) throw new Error('no words');
  // Compressible, so that a database that stored it as it is would not hide it by compressing.
  const content = Buffer.from(`${canary} `.repeat(10_000));
  const stored = await storeFile(hub, door, projectId, content, { name });
  const sent = await receive(await openGet(hub, stored));
  expect(sent.bytes.includes(canary)).toBe(true);
  const deleted = await storeFile(hub, door, projectId, content);
  await door.command('artifact.delete', projectId, { artifactId: deleted.artifactId });
  await put(hub, { projectId, artifactId: commandId() }, content);
  const broken = openPut(hub, { projectId, artifactId: commandId() }, 10_000_000);
  broken.write(Buffer.from(`${half} `.repeat(30_000)));
  await new Promise((resolve) => setTimeout(resolve, 300));
  broken.destroy();
  const masterKey = (await readFile(join(hub.dataDir, 'master.key'), 'utf8')).trim();
  // Stopping writes every page of the tables.
  await hub.hub.stop();
  expect(await filesWith(hub.dataDir, name)).toBeGreaterThan(1);
  expect(await filesWith(hub.dataDir, canary)).toBe(0);
  expect(await filesWith(hub.dataDir, half)).toBe(0);
  expect(await filesWith(hub.dataDir, masterKey)).toBe(1);
  expect(await filesWith(hub.dataDir, Buffer.from(masterKey, 'base64'))).toBe(0);
  expect(lines.join()).not.toMatch(new RegExp(`${canary}|${half}`));
  await hub.stop();
});
