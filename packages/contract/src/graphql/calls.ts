import { z } from 'zod';
import { pathFields } from '../define.ts';
import type { Route } from '../define.ts';
import type { RefusalCode } from '../refusals.ts';
import type { Role } from '../roles.ts';
import { commands, commonCommandRefusals, commonQueryRefusals, queries } from '../table.ts';
import type { CommandName, QueryName } from '../table.ts';
import { fieldName } from './names.ts';

/** A row of the table as a field of `Mutation` or `Query`. */
export interface GraphqlCall {
  readonly kind: 'command' | 'query';
  readonly name: CommandName | QueryName;
  readonly field: string;
  readonly summary: string;
  readonly path: string;
  readonly role: Role;
  readonly input: z.ZodObject;
  readonly output: z.ZodType;
  /** Whether the field has an argument for the project that it is about. */
  readonly isOfProject: boolean;
  /** What the row itself may refuse: members of its result. Refusals that any call may meet are errors. */
  readonly refusals: readonly RefusalCode[];
  /** The field of an item whose value is its cursor; present where the output is a page and nothing else. */
  readonly cursor?: string;
}

interface Row {
  readonly kind: 'command' | 'query';
  readonly name: CommandName | QueryName;
  readonly summary: string;
  readonly route?: Route;
  readonly role?: Role;
  readonly input: z.ZodObject;
  readonly output: z.ZodType;
  readonly refusals: readonly RefusalCode[];
}

/** Pages go by a number of the log, or by what identifies an item, which stands first in it. */
const cursorOf = (output: z.ZodType): string | undefined => {
  if (!(output instanceof z.ZodObject) || Object.keys(output.shape).join() !== 'items,next') return undefined;
  const { items, next } = output.shape as { items: z.ZodArray<z.ZodObject>; next: z.ZodOptional };
  return next.unwrap() instanceof z.ZodString ? Object.keys(items.element.shape)[0] : 'seq';
};

const callsOf = (rows: readonly Row[], common: readonly RefusalCode[]): GraphqlCall[] =>
  // In an order that does not depend on how modules are joined.
  rows
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap(({ kind, name, summary, route, role, input, output, refusals }) => {
      if (!route || !role) return [];
      const cursor = cursorOf(output);
      const own = refusals.filter((code) => !common.includes(code));
      return {
        kind,
        name,
        summary,
        role,
        input,
        output,
        refusals: own,
        field: fieldName(name),
        path: route.path,
        isOfProject: pathFields(route.path).includes('projectId'),
        ...(cursor === undefined ? {} : { cursor }),
      };
    });

/** Every command and query that doors offer. */
export const graphqlCalls: readonly GraphqlCall[] = [
  ...callsOf(Object.values(queries), commonQueryRefusals),
  ...callsOf(Object.values(commands), commonCommandRefusals),
];
