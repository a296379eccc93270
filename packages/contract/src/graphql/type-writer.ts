import type { JsonSchema } from './json-schema.ts';
import { isValueName, typeName } from './names.ts';

const INT_MAX = 2_147_483_647;

/** A description as SDL writes it, at some indentation. */
export const described = (text: string | undefined, indent = ''): string =>
  text === undefined ? '' : `${indent}"""${text.replaceAll('"""', '\\"""')}"""\n`;

const scalarOf = ({ type, format, minimum = -Infinity, maximum = Infinity }: JsonSchema): string => {
  switch (Array.isArray(type) ? type[0] : type) {
    case 'string':
      return format === 'uuid' ? 'ID' : format === 'date-time' ? 'DateTime' : 'String';
    case 'integer':
      return Math.max(-minimum, maximum) <= INT_MAX ? 'Int' : 'SafeInt';
    case 'number':
      return 'Float';
    case 'boolean':
      return 'Boolean';
    default:
      return 'JSON';
  }
};

/** JSON may be null, so that a field which is always there may be too. */
export const fieldType = (type: string, isRequired: boolean): string =>
  isRequired && type !== 'JSON' ? `${type}!` : type;

type Definitions = Readonly<Record<string, JsonSchema>>;
type Fields = Readonly<Record<string, JsonSchema>>;

/** Writes the types of JSON Schemas as SDL: objects by the names of the contract, others by where they stand. */
export class TypeWriter {
  readonly definitions = new Map<string, string>();
  /** Names of enums by their values: two with the same values are one. */
  readonly #enums = new Map<string, string>();

  /** The type of a schema, defined here if it is none yet. `name` is for what has no name in the contract. */
  typeOf(schema: JsonSchema, name: string, io: 'input' | 'output', own: Definitions): string {
    if (schema.$ref !== undefined) return this.#named(schema.$ref, io, own);
    if (schema.enum) return schema.enum.every(isValueName) ? this.#enum(name, schema.enum) : scalarOf(schema);
    if (schema.type === 'array') {
      const [item = schema.items] = schema.prefixItems ?? [];
      return `[${fieldType(item ? this.typeOf(item, name, io, own) : 'JSON', true)}]`;
    }
    return schema.type === 'object' ? this.#object(schema, name, io, own) : scalarOf(schema);
  }

  /** Fields of an object type, a line each. */
  fields(owner: string, schema: JsonSchema, io: 'input' | 'output', own: Definitions): string[] {
    const { properties = {}, required = [] } = schema;
    return Object.entries(properties).map(([field, value]) => {
      const part = typeName(field);
      const type = this.typeOf(value, part.startsWith(owner) ? part : `${owner}${part}`, io, own);
      return `${described(value.description, '  ')}  ${field}: ${fieldType(type, required.includes(field))}`;
    });
  }

  define(name: string, text: string): string {
    const defined = this.definitions.get(name);
    if (defined !== undefined && defined !== text) throw new Error(`two types are called ${name}`);
    this.definitions.set(name, text);
    return name;
  }

  #named(ref: string, io: 'input' | 'output', own: Definitions): string {
    const name = ref.replace('#/$defs/', '');
    const schema = own[name];
    // What refers to itself without a name is JSON itself.
    if (!schema || name.startsWith('__')) return 'JSON';
    return this.typeOf(schema, name, io, own);
  }

  #enum(name: string, values: readonly string[]): string {
    const key = values.join();
    const known = this.#enums.get(key);
    if (known !== undefined) return known;
    this.#enums.set(key, name);
    return this.define(name, `enum ${name} {\n${values.map((value) => `  ${value}`).join('\n')}\n}`);
  }

  #object(schema: JsonSchema, name: string, io: 'input' | 'output', own: Definitions): string {
    const keys = schema.propertyNames?.enum;
    const isMap = schema.properties === undefined;
    if (isMap && !(keys && typeof schema.additionalProperties === 'object')) return 'JSON';
    const type = io === 'input' ? `${name}Input` : name;
    const properties: Fields = isMap
      ? Object.fromEntries(
          (keys ?? []).map((key) => [String(key), schema.additionalProperties as JsonSchema]),
        )
      : (schema.properties ?? {});
    const fields = this.fields(type, { ...schema, properties }, io, own);
    if (fields.length === 0) return 'Done';
    const keyword = io === 'input' ? 'input' : 'type';
    return this.define(type, `${described(schema.description)}${keyword} ${type} {\n${fields.join('\n')}\n}`);
  }
}
