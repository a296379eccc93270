import { BODY_BYTES_MAX } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';
import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  onRequestHookHandler,
  RouteOptions,
} from 'fastify';
import type { Guard } from './guard.ts';
import type { Keeper, Needs, Terms } from './limits/keeper.ts';
import { sendProblem } from './problem.ts';
import { TOKEN_PATHS } from './rest/tokens.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route reads its body itself, as long as it takes. */
    readonly streamsBody?: boolean;
  }
}

/** Paths that tell nothing about any project and need no token: health, and the description of the API. */
const isOpen = (path: string): boolean =>
  /^\/(readyz|openapi\.json|docs(\/.*)?)?$/.test(path) || TOKEN_PATHS.includes(path);

const needsOf = (path: string): Needs =>
  path === '/healthz' ? 'nothing' : isOpen(path) ? 'patience' : 'token';

const termsOf = ({ url, bodyLimit, config }: Pick<RouteOptions, 'url' | 'bodyLimit' | 'config'>): Terms => ({
  needs: needsOf(url),
  bodyBytesMax: bodyLimit ?? BODY_BYTES_MAX,
  hasLongBody: config?.streamsBody === true,
});

/** Of a request that leads nowhere. */
const strayTerms = (target: string): Terms => termsOf({ url: target.split('?', 1)[0] ?? '' });

type Done = Parameters<onRequestHookHandler>[2];

/**
 * Puts the guard, and then the keeper, before every route that is added from now on, and before what leads nowhere.
 * What a route asks of a head is worked out once: asking Fastify at each request costs as much as checking a token.
 */
export const addAdmission = (
  app: FastifyInstance,
  guard: Guard,
  keeper: Keeper,
  onRefused: (path: string, code: string) => void,
): void => {
  const admit = (request: FastifyRequest, reply: FastifyReply, terms: Terms, done: Done): void => {
    if (!guard.admits(request.raw, reply.raw)) return void reply.hijack();
    const settle = (wrong: Refusal | undefined): void => {
      if (!wrong) return done();
      onRefused(request.routeOptions.url ?? '', wrong.code);
      void sendProblem(reply, wrong);
    };
    const wrong = keeper.check(request, reply, terms);
    if (wrong instanceof Promise) void wrong.then(settle, done);
    else settle(wrong);
  };
  app.addHook('onRoute', (route) => {
    const terms = termsOf(route);
    const own: onRequestHookHandler = (request, reply, done) => admit(request, reply, terms, done);
    route.onRequest = [own, ...[route.onRequest ?? []].flat()];
  });
  app.addHook('onRequest', (request, reply, done) =>
    request.is404 ? admit(request, reply, strayTerms(request.url), done) : done(),
  );
};
