import { defineCommand, jsonOption, wholeNumber } from '../cli/command.ts';
import type { Output } from '../cli/output.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { EXIT, Failure } from '../cli/failure.ts';
import { busyPort, explainStart } from '../up/explain-start.ts';
import type { Hub, HubConfig, StartOptions } from '@agentmix/act-hub';

const options = {
  port: { type: 'string', hint: 'N', summary: 'port to listen on (else ACT_PORT, else 3000)' },
  host: { type: 'string', hint: 'ADDRESS', summary: 'address to listen on (else ACT_HOST, else 127.0.0.1)' },
  'data-dir': { type: 'string', hint: 'DIR', summary: 'where everything is kept (else ACT_DATA_DIR)' },
  'database-url': {
    type: 'string',
    hint: 'URL',
    summary: 'a PostgreSQL server of yours, as its user act_app (else DATABASE_URL)',
  },
  ...jsonOption,
} as const;

const urlOf = (config: Pick<HubConfig, 'host' | 'port' | 'tls'>): string => {
  const isAny = config.host === '0.0.0.0' || config.host === '::';
  const host = isAny ? '127.0.0.1' : config.host.includes(':') ? `[${config.host}]` : config.host;
  return `${config.tls ? 'https' : 'http'}://${host}:${config.port}`;
};

/** True when a hub is there already; throws when it is something else. */
const isTaken = async (config: HubConfig): Promise<boolean> => {
  const { isHub, isPortFree } = await import('../up/port.ts');
  if (config.port === 0 || (await isPortFree(config.port, config.host))) return false;
  if (await isHub(urlOf(config))) return true;
  throw busyPort(config.port);
};

const printBanner = (hub: Hub, output: Output): void => {
  const { style, asCalled } = output;
  const row = (name: string, value: string): string => `  ${style.dim(name.padEnd(7))}  ${value}`;
  const lines = [
    `${style.bold(style.green('ACT Hub'))} is running`,
    row('url', style.cyan(hub.url)),
    row('api', `${hub.url}/docs`),
    row('key', hub.tokenFile ? `${hub.tokenFile} ${style.dim('(keep it to yourself)')}` : 'ACT_OWNER_KEY'),
    row('data', hub.dataDir),
    row('stop', 'Ctrl-C'),
    '',
    `Next, in another terminal: ${style.bold(asCalled('act plan import PLAN.yaml'))}   or look around: ${asCalled('act status')}`,
  ];
  // Where stdout is no terminal it carries the log, one JSON object a line.
  if (output.isTty) output.line(...lines);
  else if (!output.isJson) lines.forEach((line) => output.remark(line));
  output.json({
    url: hub.url,
    docs: `${hub.url}/docs`,
    tokenFile: hub.tokenFile,
    dataDir: hub.dataDir,
    pid: process.pid,
  });
};

/** Resolves at the first signal; a second one ends the process at once. */
const untilSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    let isStopping = false;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        // The embedded server stays; the next start adopts it.
        if (isStopping) process.exit(EXIT.failed);
        isStopping = true;
        resolve(signal);
      });
  });

const serve = async (hub: Hub, stop: Promise<NodeJS.Signals>, output: Output): Promise<number> => {
  printBanner(hub, output);
  const end = await Promise.race([
    stop.then((signal) => ({ signal })),
    hub.failed.then((reason) => ({ reason })),
  ]);
  if ('reason' in end) {
    await hub.stop();
    throw new Failure(`the hub cannot go on: ${end.reason}`, {
      code: 'database_lost',
      hint: 'start it again with: act up',
    });
  }
  const say = (text: string): void => {
    if (output.isTty) output.line(text);
  };
  say('stopping (again to stop at once)');
  await hub.stop();
  say('stopped');
  return EXIT.ok;
};

const loggerFor = async (
  output: Output,
  surroundings: Surroundings,
): Promise<Pick<StartOptions, 'logger'>> => {
  if (!output.isTty) return {};
  const { makeTerminalLog } = await import('../up/terminal-log.ts');
  return { logger: makeTerminalLog(surroundings.style, (line) => output.line(line)) };
};

export const up = defineCommand({
  name: 'up',
  summary: 'Start a hub here, with its own database, and serve until it is stopped.',
  options,
  details: [
    'The first start takes a few seconds: it sets up the database in the data directory. Everything, the admin key',
    'included, lies there; a later start finds it again. On a terminal the log is short lines, else JSON.',
    'If a hub already runs at the address, the command says so and ends with 0.',
  ],
  examples: [
    'act up',
    'act up --port 3100 --data-dir ./.act',
    'act up --database-url postgres://act_app@db/act',
  ],
  async run({ values, output, surroundings }) {
    const stop = untilSignal();
    const { readConfig, startHub } = await import('@agentmix/act-hub');
    const port = wholeNumber(values.port, 'port', 0, 65_535);
    const given: Partial<Omit<HubConfig, 'limits'>> = {
      ...(port === undefined ? {} : { port }),
      ...(values.host === undefined ? {} : { host: values.host }),
      ...(values['data-dir'] === undefined ? {} : { dataDir: values['data-dir'] }),
      ...(values['database-url'] === undefined ? {} : { databaseUrl: values['database-url'] }),
      // With --json stdout is for one object alone.
      ...(output.isJson ? { logLevel: 'silent' } : {}),
    };
    let hub: Hub;
    let config: HubConfig | undefined;
    try {
      config = readConfig(given);
      if (await isTaken(config)) {
        output.line(`a hub already runs at ${urlOf(config)}: nothing to do`);
        output.json({ url: urlOf(config), alreadyRunning: true });
        return EXIT.ok;
      }
      hub = await startHub({ ...given, ...(await loggerFor(output, surroundings)) });
    } catch (error) {
      throw explainStart(error, config?.port ?? 0);
    }
    return serve(hub, stop, output);
  },
});
