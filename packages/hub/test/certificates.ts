import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const openssl = (folder: string, ...args: string[]): void => {
  execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'ignore'] });
};
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

export interface Authority {
  /** Files `NAME.crt` and `NAME.key` in the folder, the certificate signed by the authority. */
  readonly issue: (name: string) => { readonly certFile: string; readonly keyFile: string };
  readonly caFile: string;
}

/** A certificate authority of its own, in files, made by openssl. Its certificates are for localhost and 127.0.0.1. */
export const makeAuthority = (folder: string, name = 'ca'): Authority => {
  const ca = (kind: string): string => join(folder, `${name}.${kind}`);
  openssl(
    folder,
    'req',
    '-x509',
    ...newKey,
    '-days',
    '2',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    ca('key'),
    '-out',
    ca('crt'),
  );
  return {
    caFile: ca('crt'),
    issue: (holder) => {
      const file = (kind: string): string => join(folder, `${holder}.${kind}`);
      openssl(
        folder,
        'req',
        ...newKey,
        '-subj',
        `/CN=${holder}`,
        '-keyout',
        file('key'),
        '-out',
        file('csr'),
      );
      writeFileSync(file('ext'), 'subjectAltName=DNS:localhost,DNS:hub.example,IP:127.0.0.1\n');
      openssl(
        folder,
        'x509',
        '-req',
        '-in',
        file('csr'),
        '-CA',
        ca('crt'),
        '-CAkey',
        ca('key'),
        '-CAcreateserial',
        '-days',
        '2',
        '-extfile',
        file('ext'),
        '-out',
        file('crt'),
      );
      chmodSync(file('key'), 0o600);
      return { certFile: file('crt'), keyFile: file('key') };
    },
  };
};
