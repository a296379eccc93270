import { defaultFieldResolver, getNamedType, isObjectType } from 'graphql';
import type { GraphQLFieldResolver, GraphQLObjectType, GraphQLOutputType } from 'graphql';
import type { Asker } from '../asker.ts';

/** Whether from a type, by whatever fields, one comes to an entity that has relations. */
export const leadsToRelations = (
  types: readonly GraphQLObjectType[],
  entities: ReadonlySet<string>,
): ((type: GraphQLOutputType) => boolean) => {
  const leading = new Set(entities);
  const fieldTypes = (type: GraphQLObjectType): string[] =>
    Object.values(type.getFields()).map((field) => getNamedType(field.type).name);
  let before: number;
  do {
    before = leading.size;
    for (const type of types) if (fieldTypes(type).some((name) => leading.has(name))) leading.add(type.name);
  } while (leading.size > before);
  return (type) => {
    const named = getNamedType(type);
    return isObjectType(named) && leading.has(named.name);
  };
};

/** Answers what the object has, and notes that it is of the same project. */
export const handDown: GraphQLFieldResolver<Readonly<Record<string, unknown>>, Asker> = (
  source,
  args,
  asker,
  info,
) => {
  const value: unknown = defaultFieldResolver(source, args, asker, info);
  const place = asker.places.get(source);
  if (place !== undefined)
    for (const one of [value].flat())
      if (typeof one === 'object' && one !== null) asker.places.set(one, place);
  return value;
};
