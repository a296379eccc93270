import { connectHub } from '@agentmix/act-client';
import { hubCalls } from '@agentmix/act-contract';
import type { HubCallOutput, Refusal } from '@agentmix/act-contract';
import type { Output } from '../cli/output.ts';
import { EXIT, Failure } from '../cli/failure.ts';
import type { ExitCode } from '../cli/failure.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { printable } from '../terminal/printable.ts';
import type { Style } from '../terminal/style.ts';
import { locateHub } from './connect.ts';
import type { HubValues } from './connect.ts';
import { refusalFailure } from './explain-error.ts';

type HubStatus = HubCallOutput<'hub.status'>;
type State = HubStatus['checks'][number]['state'];

/** The hub gives its database two seconds to answer. */
const ANSWER_MS_MAX = 10_000;
const { method, path } = hubCalls['hub.status'].route;

const MARKS: Readonly<Record<State, (style: Style) => string>> = {
  ok: ({ green }) => green('ok  '),
  warning: ({ yellow }) => yellow('warn'),
  bad: ({ red }) => red('bad '),
};

/** Asked once: whoever looks at a hub that is in trouble wants to hear that, not to wait. */
const ask = async (url: string, token: string | undefined): Promise<HubStatus> => {
  const hub = connectHub({ url, token: token ?? 'none' });
  const init = { method, signal: AbortSignal.timeout(ANSWER_MS_MAX) };
  const response = await hub.request(`/v1${path}`, init).catch((origin: Error) => {
    throw new Failure(`no hub answers at ${url}`, {
      exitCode: EXIT.unreachable,
      code: 'unreachable',
      hint: 'start one: act up',
      origin,
    });
  });
  const body: unknown = await response.json().catch(() => undefined);
  // What a hub says is of the contract's making, refusals included.
  if (response.status === 200) return body as HubStatus;
  const { code, detail } = (body ?? {}) as Partial<Refusal>;
  if (code === undefined)
    throw new Failure(`${url} answers ${response.status}, and not as a hub of this version`);
  throw refusalFailure('the hub', { code, ...(detail === undefined ? {} : { detail }) });
};

/** One screen about the hub itself; fails when something is bad. */
export const showHubStatus = async (
  values: HubValues,
  surroundings: Surroundings,
  output: Output,
): Promise<ExitCode> => {
  const { url, key } = await locateHub(values, surroundings);
  const status = await ask(url, key.token);
  const isWell = status.checks.every(({ state }) => state !== 'bad');
  output.json({ ok: isWell, ...status });
  const { style } = output;
  const minutes = Math.floor(status.uptimeSeconds / 60);
  output.line(
    `${style.bold('hub')} ${printable(url)}, version ${printable(status.version)}, up ${minutes} min`,
  );
  for (const { name, state, says } of status.checks)
    output.line(`${MARKS[state](style)} ${style.bold(printable(name).padEnd(10))} ${printable(says)}`);
  return isWell ? EXIT.ok : EXIT.failed;
};
