import { z } from 'zod';
import type { Route } from './define.ts';
import type { RefusalCode } from './refusals.ts';
import * as s from './scalars.ts';

/** A call about credentials or the hub itself, not about a project: it is in no log and only REST offers it. */
export interface HubCallDefinition<Input extends z.ZodType, Output extends z.ZodType> {
  readonly kind: 'hub';
  readonly name: string;
  readonly summary: string;
  readonly route: Route;
  readonly input: Input;
  readonly output: Output;
  readonly refusals: readonly RefusalCode[];
}

const hubCall = <Input extends z.ZodType, Output extends z.ZodType>(
  definition: Omit<HubCallDefinition<Input, Output>, 'kind'>,
): HubCallDefinition<Input, Output> => ({ kind: 'hub', ...definition });

const Tokens = z
  .object({
    token: z.string(),
    expiresAt: s.Timestamp,
    refreshToken: z.string().optional().meta({ description: 'Single use: each answer holds the next one' }),
    refreshExpiresAt: s.Timestamp.optional(),
  })
  .meta({ id: 'Tokens' });

/** What a hub depends on, itself included. */
export const HUB_CHECKS = [
  'database',
  'lanes',
  'streams',
  'replicas',
  'kafka',
  'event-loop',
  'memory',
  'disk',
] as const;
export const HUB_CHECK_STATES = ['ok', 'warning', 'bad'] as const;

const HubStatus = z
  .object({
    version: z.string(),
    uptimeSeconds: z.int(),
    checks: z.array(
      z
        .object({
          name: z.enum(HUB_CHECKS),
          state: z.enum(HUB_CHECK_STATES),
          says: z.string().meta({ description: 'One line for people' }),
        })
        .meta({ id: 'HubCheck' }),
    ),
  })
  .meta({ id: 'HubStatus' });

export const hubCalls = {
  'token.issue': hubCall({
    name: 'token.issue',
    summary:
      'Exchange an API key, or the token of a person from the hub’s identity provider, for an access token of ten minutes',
    route: { method: 'POST', path: '/tokens' },
    input: z
      .object({
        projectId: s.ProjectId.optional().meta({
          description: 'Which project, for a person; an API key has its own',
        }),
        refresh: z.boolean().default(false).meta({ description: 'With a refresh token' }),
      })
      .strict(),
    output: Tokens,
    refusals: ['unauthorized', 'key_expired', 'key_revoked', 'forbidden', 'unavailable'],
  }),
  'token.refresh': hubCall({
    name: 'token.refresh',
    summary: 'Spend a refresh token for an access token and the next refresh token',
    route: { method: 'POST', path: '/tokens/refresh' },
    input: z.object({ refreshToken: z.string().max(200) }).strict(),
    output: Tokens,
    refusals: ['token_invalid', 'token_expired', 'token_reused', 'key_expired', 'key_revoked', 'unavailable'],
  }),
  'token.rotate': hubCall({
    name: 'token.rotate',
    summary:
      'Make the next key that signs access tokens, and end the trust in one that leaked; for owners of the hub',
    route: { method: 'POST', path: '/tokens/rotate' },
    input: z
      .object({
        retire: z.string().max(64).optional().meta({
          description:
            'The `kid` of a key: tokens that it signed are refused at once, on other hubs within a second',
        }),
      })
      .strict(),
    output: z
      .object({
        keys: z
          .array(z.string())
          .meta({ description: 'The `kid` of every key that is trusted now, oldest first' }),
      })
      .meta({ id: 'TrustedKeys' }),
    refusals: ['unauthorized', 'forbidden', 'invalid_input', 'limit_reached', 'unavailable'],
  }),
  'hub.status': hubCall({
    name: 'hub.status',
    summary:
      'How the hub is, and what it depends on; for owners of the hub. An overloaded hub answers it too',
    route: { method: 'GET', path: '/hub' },
    input: z.object({}).strict(),
    output: HubStatus,
    refusals: ['unauthorized', 'forbidden'],
  }),
} as const;
export type HubCallName = keyof typeof hubCalls;
export type HubCallInput<N extends HubCallName> = z.output<(typeof hubCalls)[N]['input']>;
export type HubCallOutput<N extends HubCallName> = z.output<(typeof hubCalls)[N]['output']>;
/** Where the public keys are that sign access tokens. */
export const JWKS_PATH = '/.well-known/jwks.json';
