import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

const REDIRECT_URI = 'https://hub.test/signed-in';
export const CLIENT_ID = 'act-hub';
export const RESOURCE = 'urn:act:hub';
const SECRET = 'a-secret-of-the-test-client-that-is-long-enough';

/** A real OpenID Connect provider on loopback, and a browser that signs in at it. */
export interface IdentityProvider {
  readonly issuer: string;
  /** Signs in as this person and gives the ID token for the client. */
  idToken(login: string, clientId?: string): Promise<string>;
  /** An access token that the client gets for itself. */
  accessToken(resource?: string): Promise<string>;
  /** How often the key set was asked for. */
  readonly keySetReads: () => number;
  close(): Promise<void>;
}

const client = (id: string, algorithm: string) => ({
  client_id: id,
  client_secret: SECRET,
  redirect_uris: [REDIRECT_URI],
  grant_types: ['authorization_code', 'client_credentials'],
  response_types: ['code'],
  token_endpoint_auth_method: 'client_secret_post',
  id_token_signed_response_alg: algorithm,
});

const configuration = async () => {
  const pairs = await Promise.all(
    ['RS256', 'ES256'].map(async (alg) => {
      const { privateKey } = await generateKeyPair(alg, { extractable: true });
      return { ...(await exportJWK(privateKey)), alg, use: 'sig' };
    }),
  );
  return {
    jwks: { keys: pairs },
    clients: [client(CLIENT_ID, 'RS256'), client('elliptic', 'ES256'), client('shared-secret', 'HS256')],
    cookies: { keys: [randomBytes(16).toString('hex')] },
    findAccount: (_context: unknown, accountId: string) => ({
      accountId,
      claims: () => ({ sub: accountId, name: `${accountId} of the test` }),
    }),
    conformIdTokenClaims: false,
    ttl: {
      AccessToken: 600,
      ClientCredentials: 600,
      Grant: 600,
      IdToken: 600,
      Interaction: 600,
      Session: 600,
    },
    claims: { openid: ['sub', 'name'] },
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'HS256'] },
    features: {
      devInteractions: { enabled: true },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context: unknown, resource: string) => ({
          scope: 'hub',
          audience: resource,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  };
};

/** Follows redirections with cookies, as a browser does, until it is sent away from the provider. */
const makeBrowser = (issuer: string) => {
  const cookies = new Map<string, string>();
  const go = async (
    target: string,
    form?: Record<string, string>,
  ): Promise<{ url: string; page: string }> => {
    const url = new URL(target, issuer).href;
    if (!url.startsWith(issuer)) return { url, page: '' };
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = answer.headers.get('location');
    const page = await answer.text();
    if (location) return go(location);
    if (!answer.ok) throw new Error(`${url} answers ${answer.status}: ${page.slice(0, 500)}`);
    return { url, page };
  };
  return go;
};

const signIn = async (issuer: string, login: string, clientId: string): Promise<string> => {
  const go = makeBrowser(issuer);
  const verifier = randomBytes(32).toString('base64url');
  const asked = new URLSearchParams({
    client_id: clientId,
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    scope: 'openid',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  let at = await go(`/auth?${asked.toString()}`);
  at = await go(at.url, { prompt: 'login', login, password: 'any' });
  if (at.url.startsWith(issuer)) at = await go(at.url, { prompt: 'consent' });
  const code = new URL(at.url).searchParams.get('code') ?? '';
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: REDIRECT_URI,
      client_id: clientId,
      client_secret: SECRET,
      code_verifier: verifier,
    }),
  });
  const tokens = (await answer.json()) as { id_token?: string };
  if (tokens.id_token === undefined) throw new Error(`no ID token: ${JSON.stringify(tokens)}`);
  return tokens.id_token;
};

const clientToken = async (issuer: string, resource: string): Promise<string> => {
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: CLIENT_ID,
      client_secret: SECRET,
      scope: 'hub',
      resource,
    }),
  });
  const tokens = (await answer.json()) as { access_token?: string };
  if (tokens.access_token === undefined) throw new Error(`no access token: ${JSON.stringify(tokens)}`);
  return tokens.access_token;
};

const listen = async (server: Server, port: number): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

export const startIdentityProvider = async (port = 0): Promise<IdentityProvider> => {
  let reads = 0;
  const server = createServer();
  const issuer = `http://127.0.0.1:${await listen(server, port)}`;
  server.on('request', ({ url }) => {
    if (url === '/jwks') reads++;
  });
  server.on('request', new Provider(issuer, await configuration()).callback());
  return {
    issuer,
    idToken: (login, clientId = CLIENT_ID) => signIn(issuer, login, clientId),
    accessToken: (resource = RESOURCE) => clientToken(issuer, resource),
    keySetReads: () => reads,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
