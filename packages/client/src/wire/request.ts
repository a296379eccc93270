import { commands, pathFields, queries } from '@agentmix/act-contract';
import type { CommandName, HttpMethod, QueryName, Route } from '@agentmix/act-contract';
import { ROOT_PATH } from './names.ts';

/** One call, before it is put on a wire. */
export type Call = {
  readonly projectId: string | undefined;
  readonly input: Readonly<Record<string, unknown>>;
  /** Whose trace it is part of, as headers. */
  readonly traceHeaders?: Readonly<Record<string, string>>;
} & (
  | { readonly kind: 'command'; readonly name: CommandName }
  | { readonly kind: 'query'; readonly name: QueryName }
);

export interface HttpRequest {
  readonly method: HttpMethod;
  /** Path and query string, below the hub's URL. */
  readonly target: string;
  readonly body?: string;
}

const routeOf = (call: Call): Route | undefined => {
  switch (call.kind) {
    case 'command':
      return commands[call.name].route;
    case 'query':
      return queries[call.name].route;
  }
};

const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

/** Fills a path template; a missing value is a mistake of the caller. */
export const fillPath = (path: string, values: Readonly<Record<string, unknown>>): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, field: string) => {
    const value = values[field];
    if (!isScalar(value) || value === '') throw new TypeError(`${path}: ${field} is missing`);
    return encodeURIComponent(value);
  });

const queryString = (fields: Readonly<Record<string, unknown>>): string => {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(fields))
    if (value !== undefined) parameters.set(name, isScalar(value) ? String(value) : JSON.stringify(value));
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
};

/** The HTTP request of a call by its row of the contract's table. Throws TypeError for a call no door offers. */
export const requestOf = (call: Call): HttpRequest => {
  const route = routeOf(call);
  if (route === undefined) throw new TypeError(`${call.name} is the hub’s own command`);
  const inPath = new Set(pathFields(route.path));
  const rest = Object.fromEntries(Object.entries(call.input).filter(([field]) => !inPath.has(field)));
  const filled = fillPath(route.path, {
    ...call.input,
    ...(inPath.has('projectId') ? { projectId: call.projectId } : {}),
  });
  switch (route.method) {
    case 'GET':
    case 'DELETE':
      return { method: route.method, target: `${ROOT_PATH}${filled}${queryString(rest)}` };
    case 'POST':
    case 'PUT':
    case 'PATCH':
      return { method: route.method, target: `${ROOT_PATH}${filled}`, body: JSON.stringify(rest) };
  }
};
