import { homedir } from 'node:os';
import { ActUnavailable, connectHub } from '@agentmix/act-client';
import type {
  CommandArguments,
  CommandName,
  CommandOutput,
  Hub,
  QueryName,
  QueryOutput,
  Result,
} from '@agentmix/act-client';
import { agentOfEnvironment } from '@agentmix/act-agents';
import type { JoinedProject } from '@agentmix/act-agents';
import type { QueryArguments } from '@agentmix/act-client';
import type { OptionDefinitions, Values } from '../cli/command.ts';
import { Failure, usageFailure } from '../cli/failure.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { joinedHere } from '../join/joined.ts';
import { refusalFailure, unreachableFailure } from './explain-error.ts';
import { dataDirectory, readHubKey, readKeyFile } from './key-file.ts';

const URL_DEFAULT = 'http://127.0.0.1:3000';
/** A person waits for the first answer: long enough for a hub that is just starting, no longer. */
const FIRST_ANSWER_MS = 2_500;

export const hubOptions = {
  url: {
    type: 'string',
    hint: 'URL',
    summary: 'where the hub is (else ACT_URL, else http://127.0.0.1:3000)',
  },
  token: {
    type: 'string',
    hint: 'KEY',
    summary: 'key of the hub; other users of this machine may see it in ps',
  },
  'data-dir': {
    type: 'string',
    hint: 'DIR',
    summary: 'data directory of the hub on this machine (else ACT_DATA_DIR)',
  },
} as const satisfies OptionDefinitions;

export type HubValues = Values<typeof hubOptions>;

export interface Connection {
  readonly hub: Hub;
  readonly url: string;
  readonly token: string;
  readonly dataDir: string;
  /** The file that the key came from, for programs started by us. */
  readonly tokenFile?: string;
  /** The project that this folder was joined to, at this hub. */
  readonly joined?: JoinedProject;
  /** Runs a command; a refusal is thrown as a Failure that begins with `what`. */
  readonly command: <N extends CommandName>(
    what: string,
    name: N,
    projectId: string | undefined,
    input: CommandArguments<N>,
  ) => Promise<CommandOutput<N>>;
  readonly query: <N extends QueryName>(
    what: string,
    name: N,
    projectId: string | undefined,
    input: QueryArguments<N>,
  ) => Promise<QueryOutput<N>>;
}

/** The value of a result, or its refusal as a Failure. */
export const valueOf = <T>(what: string, result: Result<T>): T => {
  if (result.ok) return result.value;
  throw refusalFailure(what, result.refusal);
};

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

const checkUrl = (text: string): string => {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text.replace(/\/+$/, '');
  throw usageFailure(
    `${JSON.stringify(text)} is no URL of a hub`,
    'for example: --url http://127.0.0.1:3000',
  );
};

interface Key {
  readonly token: string | undefined;
  readonly file?: string;
  readonly hint: string;
}

/** Where the hub is: as given, as the repository here was joined to it, or on this machine. */
export const hubUrl = (values: HubValues, env: Surroundings['env'], joined?: JoinedProject): string =>
  checkUrl(values.url ?? (env['ACT_URL'] || (joined?.url ?? URL_DEFAULT)));

const joinedKey = ({ key, name }: JoinedProject): Key => ({
  token: key,
  hint: `the hub has another key for ${name}: join again with act join`,
});

const findKey = async (
  values: HubValues,
  env: Surroundings['env'],
  url: string,
  dataDir: string,
  joined: JoinedProject | undefined,
): Promise<Key> => {
  const given = values.token ?? (env['ACT_TOKEN'] || undefined);
  if (given !== undefined)
    return { token: given, hint: 'the key given by --token or ACT_TOKEN is not this hub’s' };
  const file = env['ACT_TOKEN_FILE'];
  if (file) return { token: await readKeyFile(file), file, hint: `the key in ${file} is not this hub’s` };
  const ofHere = joined?.url === url ? joined : undefined;
  // An agent speaks with the key of its project; what its user may do beyond that is for the user to do.
  if (ofHere && agentOfEnvironment(env) !== undefined) return joinedKey(ofHere);
  // The local admin key is for the local hub: it is never sent to another machine unasked.
  if (ofHere && !LOOPBACK.test(new URL(url).hostname)) return joinedKey(ofHere);
  if (!LOOPBACK.test(new URL(url).hostname))
    return { token: undefined, hint: 'a hub on another machine: set ACT_TOKEN_FILE or ACT_TOKEN' };
  const key = await readHubKey(dataDir);
  return key.token === undefined
    ? {
        token: undefined,
        hint: `there is no key in ${key.file}: set ACT_DATA_DIR, ACT_TOKEN_FILE or ACT_TOKEN`,
      }
    : {
        token: key.token,
        file: key.file,
        hint: `the key in ${key.file} is not this hub’s: set ACT_DATA_DIR, ACT_TOKEN_FILE or ACT_TOKEN`,
      };
};

/** Where the hub is, and the key for it, before anybody has asked it anything. */
export const locateHub = async (values: HubValues, { env }: Surroundings) => {
  const joined = joinedHere(process.cwd(), homedir());
  const url = hubUrl(values, env, joined);
  const dataDir = await dataDirectory(values['data-dir'], env);
  return { joined, url, dataDir, key: await findKey(values, env, url, dataDir, joined) };
};

/**
 * Finds the hub and the key, and makes sure that the hub answers and takes the key. Throws a Failure that says what to do
 * otherwise.
 */
export const connect = async (values: HubValues, surroundings: Surroundings): Promise<Connection> => {
  const { joined, url, dataDir, key } = await locateHub(values, surroundings);
  const token = key.token ?? 'none';
  const hub = connectHub({ url, token });
  const told = async <T>(call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      if (error instanceof ActUnavailable) throw unreachableFailure(url, error);
      throw error;
    }
  };
  const first = await told(
    hub.query('project.list', undefined, { limit: 1 }, { timeoutMs: FIRST_ANSWER_MS }),
  );
  if (!first.ok && first.refusal.code === 'unauthorized')
    throw new Failure(`the hub at ${url} wants a key`, { code: 'unauthorized', hint: key.hint });
  valueOf('the hub', first);
  return {
    hub,
    url,
    token,
    dataDir,
    ...(key.file === undefined ? {} : { tokenFile: key.file }),
    ...(joined?.url === url ? { joined } : {}),
    command: async (what, name, projectId, input) =>
      valueOf(what, await told(hub.command(name, projectId, input))),
    query: async (what, name, projectId, input) =>
      valueOf(what, await told(hub.query(name, projectId, input))),
  };
};
