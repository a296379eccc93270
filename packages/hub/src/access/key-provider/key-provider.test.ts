import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeyRefused } from '@agentmix/act-core';
import { MASTER_KEY_FILE, openKeyProvider } from './open-key-provider.ts';

const newKey = (): string => randomBytes(32).toString('base64');
const fromEnvironment = (masterKeys: string) => openKeyProvider({ dataDir: '/nowhere', masterKeys });

describe('a key provider', () => {
  it('gives back every data key that it wrapped, for the same context only', async () => {
    const provider = await fromEnvironment(newKey());
    const dataKeys = fc.uint8Array({ minLength: 16, maxLength: 64 });
    await fc.assert(
      fc.asyncProperty(dataKeys, fc.string(), fc.string(), async (dataKey, context, other) => {
        const wrapped = await provider.wrap(dataKey, context);
        expect(wrapped.keyId).toBe(provider.currentKeyId);
        expect(new Uint8Array(await provider.unwrap(wrapped, context))).toEqual(dataKey);
        if (other !== context) await expect(provider.unwrap(wrapped, other)).rejects.toThrow(KeyRefused);
      }),
    );
  });

  it('refuses a wrapped key of which any bit was changed, or any byte is missing', async () => {
    const provider = await fromEnvironment(newKey());
    const { keyId, wrapped } = await provider.wrap(randomBytes(32), 'file 1');
    for (let bit = 0; bit < wrapped.length * 8; bit++) {
      const altered = Uint8Array.from(wrapped);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await expect(provider.unwrap({ keyId, wrapped: altered }, 'file 1')).rejects.toThrow(KeyRefused);
    }
    for (let length = 0; length < wrapped.length; length++)
      await expect(
        provider.unwrap({ keyId, wrapped: wrapped.subarray(0, length) }, 'file 1'),
      ).rejects.toThrow(KeyRefused);
  });

  it('wraps the same key differently each time', async () => {
    const provider = await fromEnvironment(newKey());
    const dataKey = randomBytes(32);
    const seen = new Set<string>();
    for (let round = 0; round < 100; round++)
      seen.add(Buffer.from((await provider.wrap(dataKey, 'x')).wrapped).toString('hex'));
    expect(seen.size).toBe(100);
  });

  it('refuses data keys that are none', async () => {
    const provider = await fromEnvironment(newKey());
    for (const bytes of [0, 15, 65])
      await expect(provider.wrap(randomBytes(bytes), 'x')).rejects.toThrow(RangeError);
  });
});

describe('master keys', () => {
  it('rotate: the first wraps, all unwrap, an unknown one is refused', async () => {
    const [old, next] = [newKey(), newKey()];
    const before = await fromEnvironment(old);
    const wrapped = await before.wrap(randomBytes(32), 'x');
    const both = await fromEnvironment(`${next},\n${old}`);
    expect(await both.unwrap(wrapped, 'x')).toEqual(await before.unwrap(wrapped, 'x'));
    expect(both.currentKeyId).not.toBe(before.currentKeyId);
    const after = await fromEnvironment(next);
    expect((await both.wrap(randomBytes(32), 'x')).keyId).toBe(after.currentKeyId);
    await expect(after.unwrap(wrapped, 'x')).rejects.toThrow(KeyRefused);
    // Named as another key's, it is refused all the same.
    await expect(after.unwrap({ ...wrapped, keyId: after.currentKeyId }, 'x')).rejects.toThrow(KeyRefused);
  });

  it('are refused in any other form, in a line that quotes nothing', async () => {
    const spoiled = `${newKey().slice(0, 42)}B=`;
    for (const text of ['', ' , ', 'secret', randomBytes(31).toString('base64'), spoiled, `${newKey()},x`])
      await expect(fromEnvironment(text)).rejects.toThrow(
        /^ACT_MASTER_KEY (must hold base64 of 32 bytes \(openssl rand -base64 32\)|holds no master key)$/,
      );
  });
});

describe('the master key file', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'act-keys-'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it('is minted once, for its owner only, whoever comes at the same time', async () => {
    const providers = await Promise.all(Array.from({ length: 8 }, () => openKeyProvider({ dataDir })));
    expect(new Set(providers.map(({ currentKeyId }) => currentKeyId)).size).toBe(1);
    expect((await stat(join(dataDir, MASTER_KEY_FILE))).mode & 0o777).toBe(0o600);
    expect(await readdir(dataDir)).toEqual([MASTER_KEY_FILE]);
    const text = await readFile(join(dataDir, MASTER_KEY_FILE), 'utf8');
    expect((await openKeyProvider({ dataDir, masterKeys: text })).currentKeyId).toBe(
      providers[0]?.currentKeyId,
    );
  });

  it('is not used while others may read it, nor replaced when it is spoiled', async () => {
    await openKeyProvider({ dataDir });
    const file = join(dataDir, MASTER_KEY_FILE);
    await chmod(file, 0o640);
    await expect(openKeyProvider({ dataDir })).rejects.toThrow(`chmod 600 ${file}`);
    await chmod(file, 0o600);
    await writeFile(file, 'spoiled\n');
    await expect(openKeyProvider({ dataDir })).rejects.toThrow(/must hold base64/);
    expect(await readFile(file, 'utf8')).toBe('spoiled\n');
  });
});

describe('a program that asks a key service', () => {
  const node = process.execPath;
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'act-keys-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const running = async (script: string): Promise<string> => {
    const file = join(folder, `${randomBytes(4).toString('hex')}.cjs`);
    await writeFile(file, script);
    return `${node} ${file} one two`;
  };
  const open = (masterKeyCommand: string) => openKeyProvider({ dataDir: '/nowhere', masterKeyCommand });

  it('gives the master keys, which then lie in no file', async () => {
    const keys = `${newKey()}\n${newKey()}\n`;
    const command = await running(`process.stdout.write(${JSON.stringify(keys)})`);
    expect((await open(command)).currentKeyId).toBe((await fromEnvironment(keys)).currentKeyId);
  });

  it('is given its arguments as they are, to no shell', async () => {
    const check = `JSON.stringify(process.argv.slice(2)) === '["one","two","$(echo","x);"]'`;
    const command = await running(`process.stdout.write(${check} ? '${newKey()}' : '')`);
    expect(await open(`${command} $(echo x);`)).toHaveProperty('currentKeyId');
  });

  it('that fails, or prints no key, is told by its name, and nothing of what it wrote', async () => {
    const failing = await running(
      `console.log('secret-word'); console.error('secret-word'); process.exit(3)`,
    );
    await expect(open(failing)).rejects.toThrow(`ACT_MASTER_KEY_COMMAND: ${node} gave no keys (3)`);
    const wrong = await running(`console.log('secret-word')`);
    await expect(open(wrong)).rejects.toThrow(/^what ACT_MASTER_KEY_COMMAND prints must hold base64/);
    for (const command of [failing, wrong]) await expect(open(command)).rejects.not.toThrow(/secret-word/);
    await expect(open('/nowhere/at/all')).rejects.toThrow('gave no keys (ENOENT)');
  });
});
