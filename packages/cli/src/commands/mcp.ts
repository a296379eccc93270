import { homedir } from 'node:os';
import { createInterface } from 'node:readline';
import { agentOfEnvironment } from '@agentmix/act-agents';
import { defineCommand, wholeNumber } from '../cli/command.ts';
import { EXIT } from '../cli/failure.ts';
import { connectProject, projectOptions } from '../connection/find-project.ts';
import { joinedHere } from '../join/joined.ts';
import { makeRelay } from '../mcp/relay.ts';
import { serveNothing } from '../mcp/serve-nothing.ts';
import { checkAgentId } from '../session/session-file.ts';

const PATIENCE_SECONDS = 30;
/** Calls that wait at once; more are read when one is answered. */
const AT_ONCE_MAX = 32;
/** How long answers are waited for when nobody asks any more. */
const GRACE_MS = 2_000;

export const mcp = defineCommand({
  name: 'mcp',
  summary: 'Serve the hub’s tools over stdio, for clients of MCP that cannot call it by HTTP.',
  options: {
    agent: {
      type: 'string',
      hint: 'NAME',
      summary: 'who calls (else ACT_AGENT, the agent session here, or each call says)',
    },
    patience: {
      type: 'string',
      hint: 'SECONDS',
      summary: `how long a call waits for a hub that does not answer (default: ${PATIENCE_SECONDS})`,
    },
    joined: { type: 'boolean', summary: 'only in a joined repository; elsewhere there are no tools' },
    ...projectOptions,
  },
  details: [
    'Each line on stdin is passed on to the hub as it is, each answer is a line on stdout; it ends when stdin does. A hub that',
    'is started anew meanwhile is found again. Clients that speak HTTP need no act mcp: the hub serves /mcp.',
  ],
  examples: ['act mcp --agent ann'],
  async run({ values, surroundings }) {
    const { env } = surroundings;
    const agentText = values.agent ?? (env['ACT_AGENT'] || agentOfEnvironment(env));
    const agent = agentText === undefined ? undefined : checkAgentId(agentText);
    const patience = wholeNumber(values.patience, 'patience', 0, 3_600) ?? PATIENCE_SECONDS;
    const stop = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
    const relay = makeRelay({
      stop: stop.signal,
      patienceMs: patience * 1_000,
      asCalled: surroundings.asCalled,
      write: (line) => void process.stdout.write(`${line}\n`),
      find: async () => {
        const { hub, url, project } = await connectProject(values, surroundings);
        return {
          url,
          request: (target, init) => hub.request(target, init),
          headers: {
            'act-project': project.id,
            ...(agent === undefined ? {} : { 'act-agent': agent }),
          },
        };
      },
    });
    const lines = createInterface({ input: process.stdin, signal: stop.signal });
    if (values.joined && !joinedHere(process.cwd(), homedir())) {
      await serveNothing(lines);
      return EXIT.ok;
    }
    const answering = new Set<Promise<void>>();
    for await (const line of lines) {
      if (line.trim() === '') continue;
      const answer = relay(line).finally(() => answering.delete(answer));
      answering.add(answer);
      if (answering.size >= AT_ONCE_MAX) await Promise.race(answering);
    }
    // Whoever spoke to us has gone or is about to, but may still hear what is almost there.
    const grace = setTimeout(() => stop.abort(), GRACE_MS);
    await Promise.all(answering);
    clearTimeout(grace);
    return EXIT.ok;
  },
});
