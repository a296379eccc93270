import { setTimeout as sleep } from 'node:timers/promises';
import { HUB_PROJECT_ID } from '@agentmix/act-contract';
import { KeyRing, makeDatabaseClock, openKeyProvider } from '@agentmix/act-hub/access';
import { makePostgresTokenStores } from '@agentmix/act-postgres';
import { Socket } from 'socket.io-client';
import { controls, fitsHeader, forgeries } from '../forgeries/index.ts';
import type { Forgery, ForgeryContext } from '../forgeries/index.ts';
import { makeForge } from '../forgeries/forge.ts';
import type { HubProcess } from '../processes/hub.ts';
import { get, tryConnect } from './doors.ts';
import { GraphqlConnection } from '../wire/graphql-socket.ts';
import { followOverGraphql, tryGraphqlSocket } from './over-graphql.ts';
import { overMcp } from './over-mcp.ts';
import type { StageSet } from './stage-set.ts';

const RETIRED_MS = 2_000;

/** The hub’s own signing key, taken out of its database with its master key, and a key that it trusts no longer. */
const stealKeys = async (hub: HubProcess, masterKeys: string, log: (line: string) => void) => {
  const connection = { socketDir: hub.socketDir, port: 5432, user: 'act_app' };
  const stores = makePostgresTokenStores({ connection, connectionsMax: 2, log: () => undefined });
  const keyProvider = await openKeyProvider({ dataDir: hub.dataDir, masterKeys });
  const ring = await KeyRing.open({
    store: stores.signingKeys,
    keyProvider,
    clock: makeDatabaseClock(),
    log,
  });
  const signer = () => {
    if (!ring.signer) throw new Error('no key signs');
    return ring.signer;
  };
  const retired = signer();
  await ring.retire(retired.kid);
  await sleep(RETIRED_MS);
  const stolen = { retired, signer: signer() };
  await ring.close();
  await stores.close();
  return stolen;
};

/** Forgeries of a token that may read the other project, among them tokens of another project that name this one. */
const forge = async (set: StageSet, keys: Awaited<ReturnType<typeof stealKeys>>) => {
  const agent = await set.hold(set.theirs.projectId, 'agent', { kind: 'agent', agentId: 'forged' });
  const service = await set.hold(set.theirs.projectId, 'agent');
  const foreign = await set.hold(set.mine.projectId, 'admin');
  const context: ForgeryContext = { token: await set.tokenOf(agent.key), ...keys };
  const { withClaims } = makeForge(context);
  const keyless = (sub: string): string => withClaims({ key: undefined, agt: undefined, sub });
  const own: Forgery[] = [
    { name: 'the key of a member of another project', token: withClaims({ key: foreign.keyId }) },
    { name: 'the member of another project', token: withClaims({ sub: foreign.memberId }) },
    { name: 'the hub instead of the project', token: withClaims({ prj: HUB_PROJECT_ID }) },
    { name: 'another project than the key’s', token: withClaims({ prj: set.mine.projectId }) },
    { name: 'a service without its key', token: keyless(service.memberId) },
    { name: 'a member of another project, without a key', token: keyless(foreign.memberId) },
  ];
  return { forged: [...(await forgeries(context)), ...own], good: controls(context) };
};

/** Answers that no token gets a caller past: unauthorized, a request that is none, a header that is too long. */
const REFUSED = [401, 400, 431];

/** Whether REST took a token; a hub may also end the connection on one that makes no request. */
const restTakes = async (url: string, token: string): Promise<boolean> => {
  const seen = await get(url, token).catch(() => undefined);
  return seen !== undefined && !REFUSED.includes(seen.status);
};

const toolsTake = async (url: string, token: string): Promise<boolean> => {
  const seen = await overMcp(url, token, { agentId: 'ada' }, 'tools/list', {}).catch(() => undefined);
  return seen !== undefined && !REFUSED.includes(seen.status);
};

const graphqlTakes = async ({ url, theirs }: StageSet, token: string): Promise<boolean> => {
  const seen = await followOverGraphql(url, token, theirs.projectId).catch(() => undefined);
  return seen !== undefined && !REFUSED.includes(seen.status);
};

/** Which doors take a token. */
const takenBy = async (set: StageSet, { name, token }: Forgery): Promise<string[]> => {
  const taken: string[] = [];
  const url = `${set.url}/v1/projects/${set.theirs.projectId}`;
  if (fitsHeader(token) && (await restTakes(url, token))) taken.push(`REST: ${name}`);
  if (fitsHeader(token) && (await toolsTake(set.url, token))) taken.push(`MCP: ${name}`);
  const opened = await tryConnect(set.url, token);
  if (opened instanceof Socket) {
    taken.push(`Socket.IO: ${name}`);
    opened.disconnect();
  }
  if (fitsHeader(token) && (await graphqlTakes(set, token))) taken.push(`GraphQL: ${name}`);
  const connected = await tryGraphqlSocket(set.url, token);
  if (connected instanceof GraphqlConnection) {
    taken.push(`GraphQL over WebSocket: ${name}`);
    connected.close();
  }
  return taken;
};

/** Sends every forgery to all doors, and the tokens that have to be taken, too. */
export const sendForged = async (
  set: StageSet,
  hub: HubProcess,
  masterKeys: string,
  log: (line: string) => void,
) => {
  const { forged, good } = await forge(set, await stealKeys(hub, masterKeys, log));
  const taken: string[] = [];
  for (const one of forged) taken.push(...(await takenBy(set, one)));
  const goodTaken: string[] = [];
  for (const one of good) goodTaken.push(...(await takenBy(set, one)));
  return {
    forgeries: forged.length,
    overHeader: forged.filter(({ token }) => fitsHeader(token)).length,
    taken,
    goodRefused: good.length * 5 - goodTaken.length,
  };
};
