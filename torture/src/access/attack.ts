import { artifactDownload, artifactUpload, includesRole, JWKS_PATH } from '@agentmix/act-contract';
import { strangersOf } from '@agentmix/act-testing/calls';
import type { World } from '@agentmix/act-testing/calls';
import { decodeJwt } from 'jose';
import { uuidv7 } from 'uuidv7';
import { content, get, overRest, overSocket, subscribe, tryConnect } from './doors.ts';
import type { Call, Seen } from './doors.ts';
import { hasIds, isOfHub, operations, speaks } from './operations.ts';
import type { Operation } from './operations.ts';
import {
  followOverGraphql,
  followOverGraphqlSocket,
  overGraphql,
  overGraphqlSocket,
  tryGraphqlSocket,
} from './over-graphql.ts';
import type { Principal } from './principals.ts';
import { holdsAny } from './stage-set.ts';
import type { StageSet } from './stage-set.ts';
import type { Verdicts } from './verdicts.ts';

/** A way in that a principal has. */
interface Door {
  readonly name: string;
  ask(call: Call): Promise<Seen>;
  follow(projectId: string): Promise<Seen>;
}

const DOCUMENTS = ['/', '/docs/', '/openapi.json', '/v1', '/healthz', '/readyz', '/metrics', JWKS_PATH];

/** What one principal tries. */
export class Attack {
  readonly #set: StageSet;
  readonly #who: Principal;
  readonly #verdicts: Verdicts;
  readonly #doors: Door[];
  readonly #closers: (() => void)[] = [];

  constructor(set: StageSet, who: Principal, verdicts: Verdicts) {
    this.#set = set;
    this.#who = who;
    this.#verdicts = verdicts;
    const events = (projectId: string): string => `${set.url}/v1/projects/${projectId}/events?after=0`;
    this.#doors = [
      {
        name: 'REST',
        ask: (call) => overRest(set.url, who.token, call),
        follow: (projectId) => get(events(projectId), who.token),
      },
      {
        name: 'GraphQL',
        ask: (call) => overGraphql(set.url, who.token, call),
        follow: (projectId) => followOverGraphql(set.url, who.token, projectId),
      },
    ];
  }

  /** Opens the doors that are connections, which have to stay shut to whoever is nobody. */
  async connect(): Promise<void> {
    const { url, socketUrl } = this.#set;
    const { token } = this.#who;
    for (const [name, address] of [
      ['Socket.IO', url],
      ['Socket.IO on its own port', socketUrl],
    ] as const) {
      const socket = this.#opened(name, await tryConnect(address, token));
      if (!socket) continue;
      this.#closers.push(() => socket.disconnect());
      this.#doors.push({
        name,
        ask: (call) => overSocket(socket, call),
        follow: (projectId) => subscribe(socket, projectId),
      });
    }
    const name = 'GraphQL over WebSocket';
    const connection = this.#opened(name, await tryGraphqlSocket(url, token));
    if (!connection) return;
    this.#closers.push(() => connection.close());
    this.#doors.push({
      name,
      ask: (call) => overGraphqlSocket(connection, call),
      follow: (projectId) => followOverGraphqlSocket(connection, projectId),
    });
  }

  /** Judges how a connection was taken; answers it where there is one. */
  #opened<T extends object>(door: string, opened: T | Seen): T | undefined {
    const { kind, code } = this.#who;
    const attempt = { who: this.#who.name, operation: 'connect', door, where: 'handshake' };
    if ('status' in opened) {
      this.#verdicts.note(attempt, opened, kind !== 'nobody');
      this.#verdicts.expectCode(attempt, opened, code);
      return undefined;
    }
    this.#verdicts.note(attempt, { ok: true, status: 200, text: 'connected' }, kind === 'nobody');
    return opened;
  }

  close(): void {
    for (const close of this.#closers) close();
  }

  /** Everything in the other project, addressed as such; and the same where there is none. Changes nothing anywhere. */
  async onProject(): Promise<void> {
    const { theirs, mine } = this.#set;
    for (const operation of operations.filter((one) => this.#isWrong(one)))
      for (const door of this.#doors)
        for (const world of this.#who.isThorough ? [theirs, mine] : [theirs])
          await this.#onProject(door, operation, world);
    for (const door of this.#doors) await this.#follow(door);
    await this.#onContent();
  }

  /**
   * Ids of the other project inside calls that address the own one. Somebody may be a member of several projects, and
   * whoever is put here is no stranger any more: that call comes alone, after all the others of everyone.
   */
  async onIds(isPutting: boolean): Promise<void> {
    const { mine, theirs } = this.#set;
    const nowhere = strangersOf(theirs);
    const isTurn = ({ name }: Operation): boolean => (name === 'member.put') === isPutting;
    for (const operation of operations.filter((one) => hasIds(one, theirs) && isTurn(one)))
      for (const door of this.#doors) {
        const ask = (world: World): Promise<Seen> => {
          const input = operation.input({ ...world, epoch: mine.epoch, stateVersion: mine.stateVersion });
          return door.ask({ kind: operation.kind, name: operation.name, projectId: mine.projectId, input });
        };
        const seen = await ask(theirs);
        const attempt = this.#attempt(operation.name, door, 'ids in the input');
        this.#verdicts.note(
          attempt,
          seen,
          holdsAny(seen.text, theirs, JSON.stringify(operation.input(theirs))),
        );
        this.#verdicts.expectSame(attempt, seen, await ask(nowhere));
      }
    if (!isPutting) await this.#onContentIds(nowhere.artifactId);
  }

  /** Tokens for another project, and what is open to everyone. */
  async onHub(): Promise<void> {
    const { url, theirs } = this.#set;
    const { token, kind, code } = this.#who;
    for (const path of DOCUMENTS) {
      const seen = await get(`${url}${path}`, token);
      const attempt = { who: this.#who.name, operation: path, door: 'REST', where: 'documents' };
      const isClosed = path === '/metrics' || (path === '/v1' && kind === 'nobody');
      this.#verdicts.note(attempt, seen, holdsAny(seen.text, theirs, '') || (isClosed && seen.ok));
      if (isClosed) this.#verdicts.expectCode(attempt, seen, kind === 'nobody' ? code : 'forbidden');
    }
    for (const name of ['token.rotate', 'hub.status']) {
      const seen = await overRest(url, token, { kind: 'hub', name, projectId: undefined, input: {} });
      const attempt = { who: this.#who.name, operation: name, door: 'REST', where: 'hub' };
      this.#verdicts.note(attempt, seen, seen.ok);
      this.#verdicts.expectCode(attempt, seen, kind === 'nobody' ? code : 'forbidden');
    }
    if (kind === 'low' || kind === 'otherAgent') return;
    for (const projectId of [theirs.projectId, uuidv7()]) {
      const seen = await overRest(url, token, {
        kind: 'hub',
        name: 'token.issue',
        projectId: undefined,
        input: { projectId },
      });
      const attempt = { who: this.#who.name, operation: 'token.issue', door: 'REST', where: 'body' };
      const isTheirs = seen.ok && tokenIn(seen)['prj'] === theirs.projectId;
      this.#verdicts.note(attempt, seen, isTheirs || (seen.ok && kind === 'nobody'));
    }
    const spent = { refreshToken: `act_refresh_${'0'.repeat(32)}_${'A'.repeat(43)}` };
    const seen = await overRest(url, token, {
      kind: 'hub',
      name: 'token.refresh',
      projectId: undefined,
      input: spent,
    });
    const attempt = { who: this.#who.name, operation: 'token.refresh', door: 'REST', where: 'body' };
    this.#verdicts.note(attempt, seen, seen.ok);
    this.#verdicts.expectCode(attempt, seen, 'token_invalid');
  }

  #attempt(operation: string, door: Door, where: string) {
    return { who: this.#who.name, operation, door: door.name, where };
  }

  /** Whether the principal must not do this. */
  #isWrong(operation: Operation): boolean {
    const { kind, role } = this.#who;
    switch (kind) {
      case 'foreign':
      case 'nobody':
        return true;
      case 'low':
        return role !== undefined && !includesRole(role, operation.role);
      case 'otherAgent':
        return (
          role !== undefined && includesRole(role, operation.role) && speaks(operation, this.#set.theirs)
        );
    }
  }

  async #onProject(door: Door, operation: Operation, world: World): Promise<void> {
    const { theirs } = this.#set;
    const { kind, code } = this.#who;
    const { name } = operation;
    const ask = (projectId: string): Promise<Seen> => {
      // A new project may ask for an id, and this one is taken.
      const own = name === 'project.create' ? { projectId } : {};
      const address = isOfHub(operation) ? undefined : projectId;
      const input = { ...operation.input(world), ...own };
      return door.ask({ kind: operation.kind, name, projectId: address, input });
    };
    const seen = await ask(theirs.projectId);
    const attempt = this.#attempt(name, door, world === theirs ? 'project and ids' : 'project');
    const sent = theirs.projectId + JSON.stringify(operation.input(world));
    const isOwnList = name === 'project.list' && kind !== 'nobody';
    this.#verdicts.note(attempt, seen, (seen.ok && !isOwnList) || holdsAny(seen.text, theirs, sent));
    if (isOwnList) return;
    const isOwners = name === 'project.create' && kind !== 'nobody';
    this.#verdicts.expectCode(attempt, seen, isOwners ? 'forbidden' : code);
    if (kind === 'foreign' || kind === 'nobody')
      this.#verdicts.expectSame(attempt, seen, await ask(uuidv7()));
  }

  #move({ name }: { readonly name: string }, projectId: string, artifactId: string): Promise<Seen> {
    const bytes = name === artifactUpload.name ? Buffer.from('not yours') : undefined;
    return content(this.#set.url, this.#who.token, projectId, artifactId, bytes);
  }

  /** The bytes of files, which only REST carries. */
  async #onContent(): Promise<void> {
    const { theirs } = this.#set;
    const { kind, code, role } = this.#who;
    for (const artifact of [artifactUpload, artifactDownload]) {
      const isMember = kind === 'low' || kind === 'otherAgent';
      if (isMember && role !== undefined && includesRole(role, artifact.role)) continue;
      const { projectId, artifactId } = theirs;
      const seen = await this.#move(artifact, projectId, artifactId);
      const attempt = {
        who: this.#who.name,
        operation: artifact.name,
        door: 'REST',
        where: 'project and ids',
      };
      this.#verdicts.note(attempt, seen, seen.ok || holdsAny(seen.text, theirs, projectId + artifactId));
      this.#verdicts.expectCode(attempt, seen, code);
      if (!isMember)
        this.#verdicts.expectSame(attempt, seen, await this.#move(artifact, uuidv7(), artifactId));
    }
  }

  async #onContentIds(unknown: string): Promise<void> {
    const { mine, theirs } = this.#set;
    for (const artifact of [artifactUpload, artifactDownload]) {
      const seen = await this.#move(artifact, mine.projectId, theirs.artifactId);
      const attempt = {
        who: this.#who.name,
        operation: artifact.name,
        door: 'REST',
        where: 'id in the path',
      };
      this.#verdicts.note(attempt, seen, holdsAny(seen.text, theirs, theirs.artifactId));
      this.#verdicts.expectSame(attempt, seen, await this.#move(artifact, mine.projectId, unknown));
    }
  }

  async #follow(door: Door): Promise<void> {
    const { theirs } = this.#set;
    const { kind, code } = this.#who;
    // Whoever is a member of it may follow it, with the least role.
    if (kind === 'low' || kind === 'otherAgent') return;
    const seen = await door.follow(theirs.projectId);
    const attempt = this.#attempt(door.name === 'REST' ? 'event.stream' : 'subscribe', door, 'room');
    this.#verdicts.note(attempt, seen, seen.ok || holdsAny(seen.text, theirs, theirs.projectId));
    this.#verdicts.expectCode(attempt, seen, code);
    this.#verdicts.expectSame(attempt, seen, await door.follow(uuidv7()));
  }
}

const tokenIn = ({ text }: Seen): Readonly<Record<string, unknown>> =>
  decodeJwt((JSON.parse(text) as { token: string }).token);
