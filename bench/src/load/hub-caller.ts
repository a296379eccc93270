import { setTimeout } from 'node:timers/promises';

import { commands, queries } from '@agentmix/act-contract';
import type {
  CommandArguments,
  CommandName,
  CommandOutput,
  QueryArguments,
  QueryName,
  QueryOutput,
} from '@agentmix/act-contract';
import { uuidv7 } from 'uuidv7';

import { HttpConnection } from './http-connection.ts';
import type { Response } from './http-connection.ts';

const TRIES_MAX = 20;
const RETRY_MS = 1_000;

/** Fills `{name}` in a path of the contract and returns what is left of the fields. */
const address = (
  path: string,
  projectId: string | undefined,
  fields: Readonly<Record<string, unknown>>,
): { path: string; rest: Record<string, unknown> } => {
  const rest: Record<string, unknown> = { ...fields };
  const filled = path.replace(/\{(\w+)\}/g, (_match, name: string) => {
    if (name === 'projectId') return projectId ?? '';
    const value = String(rest[name]);
    delete rest[name];
    return encodeURIComponent(value);
  });
  return { path: `/v1${filled}`, rest };
};

/** Calls again, a second later each time, while the hub says that it has too much to do, as an SDK would. */
const insist = async (name: string, call: () => Promise<Response>): Promise<unknown> => {
  let answer = await call();
  for (let tries = 1; answer.status === 503 && tries < TRIES_MAX; tries += 1) {
    await setTimeout(RETRY_MS);
    answer = await call();
  }
  const { status, body } = answer;
  if (status >= 300) throw new Error(`${name} was answered ${status}: ${body.slice(0, 300)}`);
  return JSON.parse(body);
};

/** Calls a hub's REST door over one connection, one call at a time, with an idempotency key per command. */
export class HubCaller {
  readonly connection: HttpConnection;

  private constructor(connection: HttpConnection) {
    this.connection = connection;
  }

  static async open({ url, token }: { url: string; token: string }): Promise<HubCaller> {
    return new HubCaller(await HttpConnection.open(url, token));
  }

  /** The answer as it came; see `command` for one that is checked and parsed. */
  send<N extends CommandName>(
    name: N,
    projectId: string | undefined,
    input: CommandArguments<N>,
    id: string = uuidv7(),
  ): Promise<Response> {
    const definition = commands[name];
    if (!('route' in definition)) throw new Error(`${name} has no route`);
    const { path, rest } = address(definition.route.path, projectId, input);
    const key = `idempotency-key: ${id}\r\n`;
    return this.connection.request(definition.route.method, path, JSON.stringify(rest), key);
  }

  /** Throws unless it was done. */
  async command<N extends CommandName>(
    name: N,
    projectId: string | undefined,
    input: CommandArguments<N>,
  ): Promise<CommandOutput<N>> {
    // By one key: what was not answered may be done.
    const id = uuidv7();
    // The hub's answers are of the contract's making.
    return (await insist(name, () => this.send(name, projectId, input, id))) as CommandOutput<N>;
  }

  async query<N extends QueryName>(
    name: N,
    projectId: string | undefined,
    input: QueryArguments<N>,
  ): Promise<QueryOutput<N>> {
    const { path, rest } = address(queries[name].route.path, projectId, input);
    const search = new URLSearchParams(
      Object.entries(rest).map(([key, value]): [string, string] => [key, String(value)]),
    );
    const target = `${path}?${search.toString()}`;
    return (await insist(name, () => this.connection.request('GET', target))) as QueryOutput<N>;
  }

  close(): void {
    this.connection.close();
  }
}
