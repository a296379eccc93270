import { unwatchFile, watchFile } from 'node:fs';
import type { Server as HttpServer } from 'node:http';
import { Server } from 'node:tls';
import type { TlsFiles } from '../../config/env.ts';
import type { HubLogger } from '../../observe/logger.ts';
import { readCertificate } from './certificate.ts';

const LOOK_MS = 5_000;

/**
 * Serves new connections with the certificate as its files become: they are looked at every few seconds, because
 * renewals replace files and turn links in ways that change events miss. What does not fit together yet, or is not
 * valid, is told, and the certificate before it stays. Returns how to stop.
 */
export const keepCertificate = (
  server: HttpServer,
  files: TlsFiles | undefined,
  logger: HubLogger,
  lookMs = LOOK_MS,
): (() => void) => {
  if (!files || !(server instanceof Server)) return () => undefined;
  const renew = (): void => {
    try {
      server.setSecureContext({ ...readCertificate(files), minVersion: 'TLSv1.3' });
      logger.info({ certFile: files.certFile }, 'certificate renewed');
    } catch (error) {
      logger.error({ error: String(error) }, 'the new certificate cannot be used; the one before it stays');
    }
  };
  const names = [files.certFile, files.keyFile, ...(files.clientCaFile ? [files.clientCaFile] : [])];
  for (const name of names) watchFile(name, { interval: lookMs, persistent: false }, renew);
  return () => {
    for (const name of names) unwatchFile(name, renew);
  };
};
