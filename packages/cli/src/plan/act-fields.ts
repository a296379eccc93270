import { DEPENDENCIES_PER_TASK_MAX, ESTIMATE_MINUTES_MAX, LIST_ITEMS_MAX, cleanKey } from './limits.ts';
import { PlanError } from './plan.ts';
import { textOf, type Field, type MapTree, type Tree } from './tree.ts';

/** Throws PlanError naming the first field that is none of `names`, or that has no value. */
export function checkFields(map: MapTree, what: string, names: readonly string[]): void {
  for (const [name, field] of map.fields) {
    if (!names.includes(name)) {
      throw new PlanError(
        `unknown field ${name.slice(0, 80)} in ${what}; it has ${names.join(', ')}`,
        field.line,
      );
    }
    if (field.value.kind === 'null') throw new PlanError(`the field ${name} has no value`, field.line);
  }
}

export function asMap(tree: Tree, what: string): MapTree {
  if (tree.kind !== 'map') throw new PlanError(`${what} must be a map of fields`, tree.line);
  return tree;
}

export function asText(field: Field, name: string): string {
  const text = textOf(field.value);
  if (text === undefined) throw new PlanError(`${name} must be text`, field.line);
  return text;
}

export function optionalText(map: MapTree, name: string): string | undefined {
  const field = map.fields.get(name);
  return field === undefined ? undefined : asText(field, name);
}

export function requiredText(map: MapTree, name: string, what: string): string {
  const field = map.fields.get(name);
  const text = field === undefined ? '' : asText(field, name).trim();
  if (text === '') throw new PlanError(`${what} has no ${name}`, field?.line ?? map.line);
  return text;
}

/** The items of a list; none when the field is absent. `itemsMax` defaults to the limit of a task's small lists. */
export function items(map: MapTree, name: string, itemsMax = LIST_ITEMS_MAX): Tree[] {
  const field = map.fields.get(name);
  if (field === undefined) return [];
  if (field.value.kind !== 'list') throw new PlanError(`${name} must be a list`, field.line);
  if (field.value.items.length > itemsMax)
    throw new PlanError(`${name} has more than ${itemsMax} items`, field.line);
  return field.value.items;
}

export function texts(map: MapTree, name: string): string[] {
  return items(map, name).map((item) => asText({ line: item.line, value: item }, `an item of ${name}`));
}

/** Keys with their lines. Throws PlanError for a key that is empty or too long. */
export function keys(map: MapTree, name: string): { key: string; line: number }[] {
  return items(map, name, DEPENDENCIES_PER_TASK_MAX).map((item) => ({
    key: cleanKey(asText({ line: item.line, value: item }, `an item of ${name}`), item.line),
    line: item.line,
  }));
}

export function oneOf<T extends string>(map: MapTree, name: string, allowed: readonly T[]): T | undefined {
  const field = map.fields.get(name);
  if (field === undefined) return undefined;
  const text = asText(field, name);
  const found = allowed.find((value) => value === text);
  if (found === undefined) throw new PlanError(`${name} must be one of ${allowed.join(', ')}`, field.line);
  return found;
}

/** 0 to 4 or P0 to P4. */
export function priorityField(map: MapTree): number | undefined {
  const field = map.fields.get('priority');
  if (field === undefined) return undefined;
  const digit = /^P?([0-4])$/.exec(asText(field, 'priority'))?.[1];
  if (digit === undefined) throw new PlanError('priority must be 0 (most urgent) to 4', field.line);
  return Number(digit);
}

/** Minutes of '45', '30m', '2h' or '1h30m'; undefined for anything else, zero, and more than ESTIMATE_MINUTES_MAX. */
export function parseMinutes(text: string): number | undefined {
  const match = /^(?:(\d{1,4})h)?(?:(\d{1,6})m?)?$/.exec(text.trim());
  const minutes = Number(match?.[1] ?? 0) * 60 + Number(match?.[2] ?? 0);
  return match !== null && minutes > 0 && minutes <= ESTIMATE_MINUTES_MAX ? minutes : undefined;
}

export function estimateField(map: MapTree): number | undefined {
  const field = map.fields.get('estimate');
  if (field === undefined) return undefined;
  const minutes = parseMinutes(asText(field, 'estimate'));
  if (minutes === undefined)
    throw new PlanError("estimate must be minutes, or a text such as '30m' or '1h30m'", field.line);
  return minutes;
}
