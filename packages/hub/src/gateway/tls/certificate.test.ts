import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeAuthority } from '../../../test/certificates.ts';
import { readCertificate } from './certificate.ts';

const folder = mkdtempSync(join(tmpdir(), 'act-tls-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const authority = makeAuthority(folder);
const hub = authority.issue('hub');
const other = authority.issue('other');
const DAY_MS = 86_400_000;

const rejects = (files: Partial<Parameters<typeof readCertificate>[0]>, line: RegExp, now?: number): void =>
  expect(() => readCertificate({ ...hub, ...files }, now)).toThrow(line);

describe('a certificate', () => {
  it('is served with its key, and asks for client certificates where their authority is given', () => {
    expect(readCertificate(hub)).toEqual({ cert: expect.stringContaining('BEGIN'), key: expect.any(String) });
    expect(readCertificate({ ...hub, clientCaFile: authority.caFile })).toHaveProperty('ca');
  });
  it('that cannot be read is named with its variable and the cause', () => {
    rejects({ certFile: '/nowhere' }, /^ACT_TLS_CERT: \/nowhere cannot be read \(ENOENT\)/);
    rejects({ keyFile: '/nowhere' }, /^ACT_TLS_KEY: \/nowhere cannot be read/);
    rejects({ clientCaFile: folder }, /^ACT_TLS_CLIENT_CA: .*\(EISDIR\)/);
  });
  it('that is none is named', () => {
    const noise = join(folder, 'noise');
    writeFileSync(noise, 'noise', { mode: 0o600 });
    rejects({ certFile: noise }, /holds no certificate in PEM form/);
    rejects({ keyFile: noise }, /holds no unencrypted private key in PEM form/);
    rejects({ clientCaFile: noise }, /^ACT_TLS_CLIENT_CA: .*holds no certificate/);
  });
  it('with the key of another one is refused', () =>
    rejects({ keyFile: other.keyFile }, /other\.key is not the key of the certificate in .*hub\.crt/));
  it('that expired, or is not valid yet, is refused with the date', () => {
    rejects({}, /expired on .*GMT: renew/, Date.now() + 3 * DAY_MS);
    rejects({}, /valid from .*GMT on: check the clock/, Date.now() - 3 * DAY_MS);
  });
  it('with a key that every user may open is refused with the command that mends it', () => {
    for (const mode of [0o644, 0o604, 0o602]) {
      chmodSync(other.keyFile, mode);
      rejects({ ...other }, /chmod o= .*other\.key$/);
    }
    chmodSync(other.keyFile, 0o640);
    expect(readCertificate(other)).toHaveProperty('key');
  });
});
