import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CLOCK_AHEAD_MS_MAX,
  commands,
  pathFields,
  problemOf,
  queries,
  refusal,
  refusals,
} from '@agentmix/act-contract';
import type { Refusal, RefusalCode } from '@agentmix/act-contract';
import { FakeProject, handlers } from './fake-project.ts';
import { serveSockets } from './fake-socket.ts';
import { serveStream } from './fake-stream.ts';

export interface Seen {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly commandId: string | undefined;
  readonly lastEventId: string | undefined;
  readonly query: Readonly<Record<string, string>>;
  readonly input: Record<string, unknown>;
  readonly at: number;
}

export const TOKEN = 'test-token';
const isRefusal = (value: object): value is Refusal => 'code' in value && typeof value.code === 'string';

interface Row {
  readonly name: string;
  readonly method: string;
  readonly pattern: RegExp;
  readonly fields: readonly string[];
}
const rows: Row[] = [...Object.values(commands), ...Object.values(queries)].flatMap(({ name, ...row }) =>
  row.route === undefined
    ? []
    : [
        {
          name,
          method: row.route.method,
          fields: pathFields(row.route.path),
          pattern: new RegExp(`^/v1${row.route.path.replaceAll(/\{\w+\}/g, '([^/]+)')}$`),
        },
      ],
);

/** A small hub that speaks the wire’s protocol over real sockets, with places to break it. */
export class FakeHub {
  readonly projects = new Map<string, FakeProject>();
  readonly seen: Seen[] = [];
  readonly receipts = new Map<string, { output: object; seq: number }>();
  executed = 0;
  clockAheadMs = 0;
  /** Sees each request first; true: it has answered, or will not. */
  intercept: (seen: Seen, response: ServerResponse) => boolean = () => false;
  /** Sees each command carried out, before the answer; true: there will be none. */
  loseReply: (seen: Seen) => boolean = () => false;
  #server: Server | undefined;
  #sockets: ReturnType<typeof serveSockets> | undefined;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  time(): number {
    return Date.now() + this.clockAheadMs;
  }

  project(): FakeProject {
    const project = new FakeProject(randomUUID());
    this.projects.set(project.id, project);
    return project;
  }

  /** Starts, or starts again at the same port. */
  async start(): Promise<this> {
    const server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    this.#server = server;
    this.#sockets = serveSockets(this, server);
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    return this;
  }

  /** Stops as a killed process does: every connection ends now. */
  async stop(): Promise<void> {
    // Socket.IO closes the HTTP server too, which then waits for the connections that are cut here.
    const closed = this.#sockets?.close();
    this.cutConnections();
    await closed;
  }

  /** Cuts every HTTP connection, streams included. */
  cutConnections(): void {
    this.#server?.closeAllConnections();
  }

  /** Cuts every Socket.IO connection below the protocol. */
  cutSockets(): void {
    this.#sockets?.cut();
  }

  refuse(
    response: ServerResponse,
    code: RefusalCode,
    data?: Record<string, unknown>,
    retryAfter?: string,
  ): void {
    response.writeHead(refusals[code].status, {
      'content-type': 'application/problem+json',
      ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
    });
    response.end(JSON.stringify(problemOf(refusal(code, undefined, data))));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const row = rows.find((one) => one.method === request.method && one.pattern.test(url.pathname));
    const stream = /^\/v1\/projects\/([^/]+)\/events$/.exec(url.pathname);
    const values = row?.pattern.exec(url.pathname)?.slice(1).map(decodeURIComponent) ?? [];
    const inPath = Object.fromEntries((row?.fields ?? []).map((field, index) => [field, values[index]]));
    const { projectId = stream?.[1], ...fields } = inPath;
    const header = (name: string) =>
      request.headers[name] === undefined ? undefined : String(request.headers[name]);
    const seen: Seen = {
      name: row?.name ?? (stream ? 'stream' : url.pathname),
      method: request.method ?? '',
      path: url.pathname,
      commandId: header('idempotency-key'),
      lastEventId: header('last-event-id'),
      query: Object.fromEntries(url.searchParams),
      input: { ...Object.fromEntries(url.searchParams), ...(body === '' ? {} : JSON.parse(body)), ...fields },
      at: performance.now(),
    };
    this.seen.push(seen);
    if (this.intercept(seen, response)) return;
    if (request.headers.authorization !== `Bearer ${TOKEN}`) this.refuse(response, 'unauthorized');
    else if (url.pathname === '/v1')
      response.end(JSON.stringify({ name: 'fake', version: '0', time: this.time() }));
    else if (stream) {
      const project = this.projects.get(stream[1] ?? '');
      if (project) serveStream(this, project, seen, response);
      else this.refuse(response, 'project_not_found');
    } else if (row) this.#answer(seen, projectId, response);
    else this.refuse(response, 'route_not_found');
  }

  #answer(seen: Seen, projectId: string | undefined, response: ServerResponse): void {
    const { result, seq } = this.carryOut(seen.name, projectId, seen.input, seen.commandId);
    if (seen.commandId !== undefined && this.loseReply(seen)) {
      response.destroy();
      return;
    }
    if (isRefusal(result)) {
      this.refuse(response, result.code, { ...result.data });
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json', 'act-seq': String(seq) });
    response.end(JSON.stringify(result));
  }

  /** One command or query, whichever door it came through. */
  carryOut(
    name: string,
    projectId: string | undefined,
    input: Record<string, unknown>,
    commandId: string | undefined,
  ): { result: object | Refusal; seq: number } {
    if (name === 'project.create') return { result: { projectId: this.project().id }, seq: 0 };
    const project = this.projects.get(projectId ?? '');
    if (!project) return { result: refusal('project_not_found'), seq: 0 };
    if (name in queries) return { result: this.#query(name, project, input), seq: project.seq };
    const stamp = Number.parseInt((commandId ?? '').replaceAll('-', '').slice(0, 12), 16);
    if (!(stamp <= this.time() + CLOCK_AHEAD_MS_MAX))
      return { result: refusal('idempotency_key_ahead', undefined, { time: this.time() }), seq: 0 };
    const receipt = this.receipts.get(commandId ?? '');
    if (receipt) return { result: receipt.output, seq: receipt.seq };
    const definition = commands[name as keyof typeof commands];
    const parsed = definition.input.safeParse(input);
    if (!parsed.success) return { result: refusal('invalid_input', parsed.error.message), seq: project.seq };
    const handler = handlers[name as keyof typeof handlers] as
      | ((project: FakeProject, input: unknown) => object)
      | undefined;
    const result = handler ? handler(project, parsed.data) : refusal('route_not_found');
    this.executed++;
    if (!isRefusal(result)) this.receipts.set(commandId ?? '', { output: result, seq: project.seq });
    return { result, seq: project.seq };
  }

  #query(name: string, project: FakeProject, input: Record<string, unknown>): object {
    if (name === 'project.snapshot') return project.snapshot();
    if (name === 'message.list')
      return {
        items: project.messages.filter((one) => one.to === undefined || one.to === input['agentId']),
      };
    if (name === 'state.get') {
      const entry = project.state.get(String(input['key']));
      return entry ? { key: input['key'], ...entry } : refusal('key_not_found');
    }
    return { items: [] };
  }
}
