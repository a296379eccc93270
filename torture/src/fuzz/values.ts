import fc from 'fast-check';
import { z } from 'zod';
import { hostileText, hostileValue } from './hostile.ts';

type Schema = Readonly<Record<string, unknown>>;
/** Ids that exist, by the name of the field that takes them; filled as the hub answers. */
export type Ids = ReadonlyMap<string, readonly string[]>;

const ITEMS_MAX = 4;
const CHARS_MAX = 80;

/** A number picked by `at` when the value is drawn, so that ids found meanwhile are used. */
const idOf = (ids: Ids, field: string): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 9, arbitrary: fc.nat().map((at) => pick(ids, field, at)) },
    { weight: 1, arbitrary: fc.uuid() },
  );
const pick = (ids: Ids, field: string, at: number): string => {
  const known = ids.get(field) ?? ids.get('any') ?? [];
  return known[at % Math.max(1, known.length)] ?? '00000000-0000-7000-8000-000000000000';
};
const FIELD_KINDS: Readonly<Record<string, string>> = {
  dependsOn: 'taskId',
  dependencies: 'taskId',
  to: 'agentId',
};

const numberOf = (schema: Schema): fc.Arbitrary<unknown> => {
  const { minimum = -1_000, maximum = 1_000_000 } = schema as { minimum?: number; maximum?: number };
  const [min, max] = [Math.max(minimum, Number.MIN_SAFE_INTEGER), Math.min(maximum, Number.MAX_SAFE_INTEGER)];
  return schema['type'] === 'integer' ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true });
};

const textOf = (schema: Schema, field: string, ids: Ids): fc.Arbitrary<unknown> => {
  const {
    minLength = 0,
    maxLength = CHARS_MAX,
    pattern,
    format,
  } = schema as {
    minLength?: number;
    maxLength?: number;
    pattern?: string;
    format?: string;
  };
  const kind = FIELD_KINDS[field] ?? field;
  if (format === 'uuid' || kind === 'agentId') return idOf(ids, kind);
  if (format === 'date-time') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  // Looking ahead is how the contract keeps paths relative.
  if (pattern?.includes('(?')) return fc.stringMatching(/^[a-z]{1,8}(\/[a-z]{1,8}){0,4}$/);
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  const short = fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, CHARS_MAX) });
  const long = fc.constant('x'.repeat(maxLength));
  return fc.oneof({ weight: 12, arbitrary: short }, { weight: 1, arbitrary: long });
};

/** Values of a JSON Schema as zod writes it; where it says nothing, any JSON. */
const valueOf = (schema: Schema, field: string, ids: Ids, root: Schema): fc.Arbitrary<unknown> => {
  const { $ref, anyOf, const: constant, enum: choices, type } = schema;
  const inner = (one: unknown): fc.Arbitrary<unknown> => valueOf(one as Schema, field, ids, root);
  if (typeof $ref === 'string') {
    const name = $ref.replace(/^#\/\$defs\//, '');
    const found = (root['$defs'] as Readonly<Record<string, Schema>> | undefined)?.[name];
    // A schema that recurs is that of any JSON.
    return found && !('anyOf' in found) ? inner(found) : fc.jsonValue({ maxDepth: 3 });
  }
  if (constant !== undefined) return fc.constant(constant);
  // An archived project refuses everything else: the row would go on to test nothing.
  if (Array.isArray(choices))
    return fc.constantFrom(...(choices as unknown[]).filter((choice) => choice !== 'archived'));
  if (Array.isArray(anyOf)) return fc.oneof(...anyOf.map(inner));
  if (type === 'object') return objectOf(schema, ids, root);
  if (type === 'array') {
    const { items = {}, minItems = 0 } = schema as { items?: Schema; minItems?: number };
    return fc.array(inner(items), { minLength: minItems, maxLength: Math.max(minItems, ITEMS_MAX) });
  }
  if (type === 'integer' || type === 'number') return numberOf(schema);
  if (type === 'string') return textOf(schema, field, ids);
  if (type === 'boolean') return fc.boolean();
  if (type === 'null') return fc.constant(null);
  return fc.jsonValue({ maxDepth: 3 });
};

const objectOf = (schema: Schema, ids: Ids, root: Schema): fc.Arbitrary<unknown> => {
  const { properties = {}, required = [] } = schema as {
    properties?: Readonly<Record<string, Schema>>;
    required?: readonly string[];
  };
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, one]) => [name, valueOf(one, name, ids, root)]),
  );
  return fc.record(fields, { requiredKeys: [...required] });
};

/** Inputs that the schema takes, as far as it can be told from outside. */
export const validInput = (schema: z.ZodType, ids: Ids): fc.Arbitrary<unknown> => {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema;
  return valueOf(root, 'input', ids, root);
};

interface Change {
  readonly at: number;
  readonly kind: 'replace' | 'remove' | 'wrap' | 'add';
  readonly value: unknown;
  readonly key: string;
}

const isBranch = (value: unknown): value is Record<string, unknown> | unknown[] =>
  typeof value === 'object' && value !== null;

/** Every place of a value that can be changed: a container and a key in it. */
const placesOf = (value: unknown): [Record<string, unknown>, string][] => {
  const places: [Record<string, unknown>, string][] = [];
  const visit = (one: unknown): void => {
    if (!isBranch(one)) return;
    for (const key of Object.keys(one)) {
      places.push([one as Record<string, unknown>, key]);
      visit((one as Record<string, unknown>)[key]);
    }
  };
  visit(value);
  return places;
};

const changed = (input: unknown, { at, kind, value, key }: Change): unknown => {
  const copy: unknown = structuredClone(input);
  const places = placesOf(copy);
  const place = places[at % Math.max(1, places.length)];
  if (kind === 'add' && isBranch(copy) && !Array.isArray(copy))
    Object.defineProperty(copy, key, { value, enumerable: true, configurable: true, writable: true });
  if (!place) return kind === 'wrap' ? [copy] : copy;
  const [owner, name] = place;
  if (kind === 'replace') owner[name] = value;
  if (kind === 'remove') delete owner[name];
  if (kind === 'wrap') owner[name] = [owner[name]];
  return copy;
};

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom('replace', 'replace', 'remove', 'wrap', 'add'),
  value: hostileValue,
  key: fc.oneof(
    fc.constantFrom('__proto__', 'constructor', 'prototype', 'surprise', 'projectId'),
    hostileText,
  ),
});

/** Valid, nearly valid with up to three changes, or anything at all. */
export const anyInput = (schema: z.ZodType, ids: Ids): fc.Arbitrary<unknown> => {
  const valid = validInput(schema, ids);
  const near = fc
    .tuple(valid, fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([input, changes]) => changes.reduce(changed, input));
  return fc.oneof(
    { weight: 5, arbitrary: valid },
    { weight: 5, arbitrary: near },
    { weight: 1, arbitrary: hostileValue },
  );
};
