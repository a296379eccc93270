import { Kind } from 'graphql';
import type { DocumentNode, FragmentDefinitionNode, SelectionNode, SelectionSetNode } from 'graphql';
import { ALIASES_MAX, DEPTH_MAX, DIRECTIVES_MAX } from './bounds.ts';

/** Lists of introspection that lead to types again: one within another lists the schema once for each of its parts. */
const RECURSIVE = new Set(['fields', 'inputFields', 'interfaces', 'possibleTypes']);
/** A type is told by as many of these as it has brackets and marks; every client asks for nine. */
const WRAPPED = 'ofType';

interface Shape {
  /** The deepest field, and the deepest list of introspection. */
  readonly depth: number;
  readonly lists: number;
  readonly aliases: number;
  readonly directives: number;
}

const NOTHING: Shape = { depth: 0, lists: 0, aliases: 0, directives: 0 };

const joined = (one: Shape, other: Shape): Shape => ({
  depth: Math.max(one.depth, other.depth),
  lists: Math.max(one.lists, other.lists),
  aliases: one.aliases + other.aliases,
  directives: one.directives + other.directives,
});

/** Measures selections; a fragment is measured once, however often it is spread, and counts each time. */
const makeMeasure = (fragments: ReadonlyMap<string, FragmentDefinitionNode>) => {
  const known = new Map<string, Shape>();
  const ofFragment = (name: string): Shape => {
    const seen = known.get(name);
    const fragment = fragments.get(name);
    if (seen || !fragment) return seen ?? NOTHING;
    // One that spreads itself is nothing in there; validation refuses it.
    known.set(name, NOTHING);
    const measured = ofSet(fragment.selectionSet);
    known.set(name, measured);
    return measured;
  };
  const ofSelection = (node: SelectionNode): Shape => {
    const directives = node.directives?.length ?? 0;
    if (node.kind === Kind.FRAGMENT_SPREAD) {
      const inner = ofFragment(node.name.value);
      return { ...inner, directives: inner.directives + directives };
    }
    const inner = node.selectionSet ? ofSet(node.selectionSet) : NOTHING;
    if (node.kind === Kind.INLINE_FRAGMENT) return { ...inner, directives: inner.directives + directives };
    const name = node.name.value;
    return {
      depth: inner.depth + (name === WRAPPED ? 0 : 1),
      lists: inner.lists + (RECURSIVE.has(name) ? 1 : 0),
      aliases: inner.aliases + (node.alias ? 1 : 0),
      directives: inner.directives + directives,
    };
  };
  const ofSet = ({ selections }: SelectionSetNode): Shape =>
    selections.reduce((sum, node) => joined(sum, ofSelection(node)), NOTHING);
  return ofSet;
};

/** What of a document’s shape is too much, before anything else looks at it. Its size is bounded by its tokens. */
export const tooMuchShape = ({ definitions }: DocumentNode): string | undefined => {
  const fragments = new Map(
    definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );
  const measure = makeMeasure(fragments);
  for (const node of definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION && node.kind !== Kind.FRAGMENT_DEFINITION)
      return 'a document has operations and fragments';
    const { depth, lists, aliases, directives } = measure(node.selectionSet);
    const own = node.directives?.length ?? 0;
    if (depth > DEPTH_MAX) return `fields nested deeper than ${DEPTH_MAX} levels`;
    if (lists > 1) return 'lists of the schema within its lists';
    if (aliases > ALIASES_MAX) return `more than ${ALIASES_MAX} aliases`;
    if (directives + own > DIRECTIVES_MAX) return `more than ${DIRECTIVES_MAX} directives`;
  }
  return undefined;
};
