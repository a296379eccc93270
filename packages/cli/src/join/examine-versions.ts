import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { connectHub } from '@agentmix/act-client';
import type { JoinedProject } from '@agentmix/act-agents';
import type { ClientKind } from '@agentmix/act-agents/join';
import { VERSION } from '../version.ts';
import { broken, fine } from './finding.ts';
import type { Finding } from './finding.ts';

/** The least that this release runs on; the packages say the same. */
const NODE_MIN = [20, 19] as const;

const examineNode = (version: string): Finding => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
  return isEnough
    ? fine('node', version)
    : broken('node', `${version} is too old`, `install Node ${NODE_MIN.join('.')} or newer, then: act join`);
};

const hubVersion = async ({ url, key }: JoinedProject): Promise<string> => {
  const init = { signal: AbortSignal.timeout(3_000) };
  const answer = await connectHub({ url, token: key }).request('/v1', init);
  return String(((await answer.json()) as { version?: unknown }).version);
};

/** Releases of Node, of the hub, and of this command, which the hooks are of. */
export const examineVersions = async (
  project: JoinedProject,
  isUp: boolean,
  nodeVersion = process.versions.node,
): Promise<readonly Finding[]> => {
  const node = examineNode(nodeVersion);
  if (!isUp) return [node];
  const version = await hubVersion(project);
  return [
    node,
    version === VERSION
      ? fine('version', `the hub and this command are ${VERSION}`)
      : broken('version', `the hub is ${version}, this command ${VERSION}`, 'update the older one: act join'),
  ];
};

/** The release of a client that has joined. Another one than was tested is nothing to mend: hooks fail open. */
export const examineClient = async ({ name, tested }: ClientKind): Promise<readonly Finding[]> => {
  if (!tested) return [];
  let told: string;
  try {
    told = (await promisify(execFile)(tested.program, ['--version'], { timeout: 3_000 })).stdout;
  } catch {
    return [fine(name, `its release is not known: ${tested.program} --version does not answer`)];
  }
  const version = /\d+\.\d+\.\d+/.exec(told)?.[0] ?? 'of a release it does not tell';
  const note = version === tested.version ? 'as tested' : `tested with ${tested.version}`;
  return [fine(name, `${tested.program} is ${version}, ${note}`)];
};
