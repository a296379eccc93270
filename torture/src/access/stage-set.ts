import type { Role } from '@agentmix/act-contract';
import { HUB_PROJECT_ID } from '@agentmix/act-contract';
import { makeWorld } from '@agentmix/act-testing/calls';
import type { Hands, Run, RoutedCommand, World } from '@agentmix/act-testing/calls';
import { uuidv7 } from 'uuidv7';
import { content, overRest } from './doors.ts';

/** What everything in the other project ends with: whoever reads it has read from there. */
export const CANARY = 'canary0b5e2d';

/** A key and whose it is. */
export interface Held {
  readonly memberId: string;
  readonly keyId: string;
  readonly key: string;
}

/** A hub with two projects full of data; attackers belong to `mine`, or to nobody. */
export interface StageSet {
  readonly url: string;
  /** Where Socket.IO is alone. */
  readonly socketUrl: string;
  readonly owner: string;
  readonly mine: World;
  readonly theirs: World;
  readonly run: Run;
  /** Makes a member of a project with a key. */
  hold(projectId: string, role: Role, more?: object, key?: object): Promise<Held>;
  /** An access token in exchange for a key. */
  tokenOf(key: string): Promise<string>;
}

export const setStage = async (url: string, socketUrl: string, owner: string): Promise<StageSet> => {
  const ask = async (
    name: RoutedCommand | 'token.issue',
    token: string,
    projectId: string | undefined,
    input: object,
  ) => {
    const kind = name === 'token.issue' ? 'hub' : 'command';
    const { ok, text } = await overRest(url, token, { kind, name, projectId, input: { ...input } });
    if (!ok) throw new Error(`${name}: ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  };
  const run: Run = (name, projectId, input) => ask(name, owner, projectId, input);
  const upload: Hands['upload'] = async (projectId, artifactId, bytes) => {
    const { ok, text } = await content(url, owner, projectId, artifactId, Buffer.from(bytes));
    if (!ok) throw new Error(`upload: ${text}`);
  };
  return {
    url,
    socketUrl,
    owner,
    run,
    mine: await makeWorld({ run, upload }),
    theirs: await makeWorld({ run, upload }, ` ${CANARY}`),
    hold: async (projectId, role, more = {}, key = {}) => {
      const memberId = uuidv7();
      await run('member.put', projectId, { memberId, kind: 'service', role, ...more });
      const made = await run('key.create', projectId, { memberId, ...key });
      return { memberId, keyId: String(made['keyId']), key: String(made['key']) };
    },
    tokenOf: async (key) => String((await ask('token.issue', key, undefined, {}))['token']),
  };
};

/** What an answer may not hold unless it was asked with it: ids of the other project and its texts. */
export const holdsAny = (text: string, theirs: World, sent: string): boolean =>
  text.includes(CANARY) ||
  Object.values(theirs).some(
    (id) => typeof id === 'string' && id !== HUB_PROJECT_ID && !sent.includes(id) && text.includes(id),
  );
