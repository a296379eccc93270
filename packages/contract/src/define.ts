import type { z } from 'zod';
import type { RefusalCode } from './refusals.ts';
import type { Role } from './roles.ts';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
/** Paths are below /v1; `{name}` is an input field, except `{projectId}`, which addresses the project. */
export interface Route {
  readonly method: HttpMethod;
  readonly path: string;
  /** Largest body where it is not BODY_BYTES_MAX. */
  readonly bytesMax?: number;
}

/** What a hub with too much to do sends away first: reads, then what begins work; what keeps or ends work it takes. */
export type Urgency = 'keep' | 'work' | 'read';

export interface CommandDefinition<Name extends string, Input extends z.ZodType, Output extends z.ZodType> {
  readonly kind: 'command';
  readonly name: Name;
  readonly summary: string;
  /** Absent: the hub’s own command, which no door offers. */
  readonly route?: Route;
  /** The least role that may give it; absent exactly where `route` is. */
  readonly role?: Role;
  /** It keeps or ends work that is under way; absent: it begins or changes something. */
  readonly urgency?: 'keep';
  readonly input: Input;
  readonly output: Output;
  readonly refusals: readonly RefusalCode[];
}

export interface QueryDefinition<Name extends string, Input extends z.ZodType, Output extends z.ZodType> {
  readonly kind: 'query';
  readonly name: Name;
  readonly summary: string;
  readonly route: Route;
  /** The least role that may ask it. */
  readonly role: Role;
  readonly input: Input;
  readonly output: Output;
  readonly refusals: readonly RefusalCode[];
}

export const command = <Name extends string, Input extends z.ZodType, Output extends z.ZodType>(
  definition: Omit<CommandDefinition<Name, Input, Output>, 'kind'>,
): CommandDefinition<Name, Input, Output> => ({ kind: 'command', ...definition });

export const query = <Name extends string, Input extends z.ZodType, Output extends z.ZodType>(
  definition: Omit<QueryDefinition<Name, Input, Output>, 'kind'>,
): QueryDefinition<Name, Input, Output> => ({ kind: 'query', ...definition });

/** Fields of the path template, in order. */
export const pathFields = (path: string): string[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
