import * as calls from '@agentmix/act-testing/calls';
import type { World } from '@agentmix/act-testing/calls';
import { done } from './door.ts';
import type { Door } from './door.ts';

export type { World } from '@agentmix/act-testing/calls';

const through =
  (door: Door): calls.Run =>
  (...call) =>
    done(door, ...call);

export const makeProject = (door: Door, name?: string): Promise<string> =>
  calls.makeProject(through(door), name);

/** `ending` stands at the end of its texts, so that they can be told from those of another project. */
export const makeWorld = (door: Door, ending?: string): Promise<World> =>
  calls.makeWorld({ run: through(door), upload: (...file) => door.upload(...file) }, ending);
