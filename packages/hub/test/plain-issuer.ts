import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** A provider on loopback that is two documents and a key, and says of a sign-in whatever a test needs. */
export interface PlainIssuer {
  readonly issuer: string;
  /** A token of one subject for this audience. */
  sign(audience: string, claims: Record<string, unknown>): Promise<string>;
  close(): void;
}

export const startPlainIssuer = async (): Promise<PlainIssuer> => {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }];
  let issuer = '';
  const server = createServer(({ url }, response) => {
    const document = url === '/jwks' ? { keys } : { issuer, jwks_uri: `${issuer}/jwks` };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(document));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    sign: (audience, claims) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'ES256', kid: 'one' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject('grace')
        .setIssuedAt()
        .setExpirationTime('10m')
        .sign(privateKey),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
