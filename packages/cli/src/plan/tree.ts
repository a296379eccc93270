import { PlanError } from './plan.ts';

/** A JSON or YAML value that remembers its line. Maps, not objects: a field named __proto__ is a field like any other. */
export type Tree =
  | { kind: 'map'; line: number; fields: Map<string, Field> }
  | { kind: 'list'; line: number; items: Tree[] }
  | { kind: 'string'; line: number; value: string }
  /** `source` is the number as written: the key 1.10 is not the key 1.1. */
  | { kind: 'number'; line: number; value: number; source: string }
  | { kind: 'boolean'; line: number; value: boolean }
  | { kind: 'null'; line: number };

/** `line` is the line of the field's name. */
export interface Field {
  line: number;
  value: Tree;
}

export type MapTree = Extract<Tree, { kind: 'map' }>;

/** The value of a field, or undefined when the field is absent or null. */
export function valueOf(map: MapTree, name: string): Tree | undefined {
  const value = map.fields.get(name)?.value;
  return value === undefined || value.kind === 'null' ? undefined : value;
}

/** A string, or a number as it was written; undefined for anything else. */
export function textOf(tree: Tree | undefined): string | undefined {
  if (tree?.kind === 'string') return tree.value;
  return tree?.kind === 'number' ? tree.source : undefined;
}

export function textField(map: MapTree, name: string): string | undefined {
  return textOf(valueOf(map, name));
}

/** The items of a list field; none when it is absent. Throws PlanError when the field holds something else. */
export function listField(map: MapTree, name: string): Tree[] {
  const value = valueOf(map, name);
  if (value === undefined) return [];
  if (value.kind !== 'list') throw new PlanError(`${name} must be a list`, value.line);
  return value.items;
}

/** The strings and numbers of a list field; what is neither is left out. */
export function textsField(map: MapTree, name: string): string[] {
  return listField(map, name).flatMap((item) => textOf(item) ?? []);
}

/** Adds a field. Throws PlanError when the name is taken: which of the two was meant cannot be known. */
export function setField(fields: Map<string, Field>, name: string, field: Field): void {
  const first = fields.get(name);
  if (first !== undefined) {
    throw new PlanError(`the field ${name} is given twice, first on line ${first.line}`, field.line);
  }
  fields.set(name, field);
}
