import { createPrivateKey, X509Certificate } from 'node:crypto';
import { statSync } from 'node:fs';
import { ConfigError } from '../../config/integer.ts';
import { pem } from '../../config/pem.ts';
import type { TlsFiles } from '../../config/env.ts';

/** PEM texts, checked. `ca`: authorities of client certificates. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
}

const OTHERS = 0o007;

const parse = <T>(variable: string, file: string, what: string, make: () => T): T => {
  try {
    return make();
  } catch {
    throw new ConfigError(`${variable}: ${file} holds no ${what} in PEM form`);
  }
};

/** Reads and checks what the hub serves TLS with. Throws ConfigError with one line that says what to do. */
export const readCertificate = (
  { certFile, keyFile, clientCaFile }: TlsFiles,
  now: number = Date.now(),
): Certificate => {
  const cert = pem('ACT_TLS_CERT', certFile);
  const key = pem('ACT_TLS_KEY', keyFile);
  if ((statSync(keyFile).mode & OTHERS) !== 0)
    throw new ConfigError(`ACT_TLS_KEY: every user of this machine may open ${keyFile}: chmod o= ${keyFile}`);
  const certificate = parse('ACT_TLS_CERT', certFile, 'certificate', () => new X509Certificate(cert));
  const privateKey = parse('ACT_TLS_KEY', keyFile, 'unencrypted private key', () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey))
    throw new ConfigError(`ACT_TLS_KEY: ${keyFile} is not the key of the certificate in ${certFile}`);
  if (Date.parse(certificate.validTo) <= now)
    throw new ConfigError(
      `ACT_TLS_CERT: ${certFile} expired on ${certificate.validTo}: renew the certificate`,
    );
  if (Date.parse(certificate.validFrom) > now)
    throw new ConfigError(
      `ACT_TLS_CERT: ${certFile} is valid from ${certificate.validFrom} on: check the clock, or use another certificate`,
    );
  if (clientCaFile === undefined) return { cert, key };
  const ca = pem('ACT_TLS_CLIENT_CA', clientCaFile);
  parse('ACT_TLS_CLIENT_CA', clientCaFile, 'certificate', () => new X509Certificate(ca));
  return { cert, key, ca };
};
