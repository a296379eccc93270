import { PAGE_ITEMS_MAX } from '@agentmix/act-contract';
import { PAGE_SIZE } from '@agentmix/act-contract/graphql';
import { getNamedType, isCompositeType, isListType, isObjectType, getNullableType, Kind } from 'graphql';
import type {
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  GraphQLField,
  GraphQLNamedType,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql';

/** A list that is no page: how long it is only its answer tells. */
const ITEMS_ASSUMED = 10;
const LEAF_COST = 0.1;
/** An answer’s bytes grow with every further name of the same leaf. */
const ALIASED_LEAF_COST = 1;

type Variables = Readonly<Record<string, unknown>>;
/** What an operation costs with given variables: the objects that its answer may have. */
export type Weigh = (operation: OperationDefinitionNode, variables: Variables) => number;

type Sized = (node: FieldNode) => number;

const pageSizes =
  (variables: Variables): Sized =>
  (node) => {
    const value = node.arguments?.find(({ name }) => name.value === PAGE_SIZE.argument)?.value;
    const given =
      value?.kind === Kind.INT
        ? Number(value.value)
        : value?.kind === Kind.VARIABLE
          ? variables[value.name.value]
          : undefined;
    const size = typeof given === 'number' ? given : PAGE_SIZE.items;
    return Math.min(Math.max(size, 1), PAGE_ITEMS_MAX);
  };

const fieldOf = (type: GraphQLNamedType, node: FieldNode): GraphQLField<unknown, unknown> | undefined =>
  isObjectType(type) ? type.getFields()[node.name.value] : undefined;

/** Weighs operations of a valid document. A fragment is weighed once for each page that it is spread in. */
const makeWeigher = (
  schema: GraphQLSchema,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  sizeOf: Sized,
) => {
  const known = new Map<string, number>();
  const ofFragment = (name: string, items: number): number => {
    const key = `${name} ${items}`;
    const seen = known.get(key);
    const fragment = fragments.get(name);
    const type = fragment && schema.getType(fragment.typeCondition.name.value);
    if (seen !== undefined || !type) return seen ?? 0;
    const cost = ofSet(fragment.selectionSet, type, items);
    known.set(key, cost);
    return cost;
  };
  /** `items`: of the page that the selection is in. */
  const ofField = (node: FieldNode, type: GraphQLNamedType, items: number): number => {
    const field = fieldOf(type, node);
    const named = field && getNamedType(field.type);
    if (!field || !named || !isCompositeType(named) || !node.selectionSet)
      return node.alias ? ALIASED_LEAF_COST : LEAF_COST;
    const isPage = field.args.some(({ name }) => name === PAGE_SIZE.argument);
    if (isPage) return 1 + ofSet(node.selectionSet, named, sizeOf(node));
    const count = isListType(getNullableType(field.type)) ? items : 1;
    // What is below an item is in no page until it opens one.
    return count * (1 + ofSet(node.selectionSet, named, ITEMS_ASSUMED));
  };
  const ofSet = ({ selections }: SelectionSetNode, type: GraphQLNamedType, items: number): number =>
    selections.reduce((sum, node) => {
      if (node.kind === Kind.FIELD) return sum + ofField(node, type, items);
      if (node.kind === Kind.FRAGMENT_SPREAD) return sum + ofFragment(node.name.value, items);
      const narrowed = node.typeCondition ? schema.getType(node.typeCondition.name.value) : type;
      return sum + ofSet(node.selectionSet, narrowed ?? type, items);
    }, 0);
  return ofSet;
};

const hasVariableSizes = (document: DocumentNode): boolean =>
  JSON.stringify(document).includes(
    `{"kind":"Name","value":"${PAGE_SIZE.argument}"},"value":{"kind":"Variable"`,
  );

export const makeWeigh = (schema: GraphQLSchema, document: DocumentNode): Weigh => {
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );
  const weigh: Weigh = (operation, variables) => {
    const type = schema.getRootType(operation.operation);
    const ofSet = makeWeigher(schema, fragments, pageSizes(variables));
    return type ? ofSet(operation.selectionSet, type, ITEMS_ASSUMED) : 0;
  };
  if (hasVariableSizes(document)) return weigh;
  // Nearly every document: what it costs is known once it is known.
  const costs = new Map<OperationDefinitionNode, number>();
  return (operation) => {
    const known = costs.get(operation) ?? weigh(operation, {});
    costs.set(operation, known);
    return known;
  };
};
