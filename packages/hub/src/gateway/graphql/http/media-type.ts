export const GRAPHQL_JSON = 'application/graphql-response+json';
export const JSON_TYPE = 'application/json';
export const EVENT_STREAM = 'text/event-stream';
export type MediaType = typeof GRAPHQL_JSON | typeof JSON_TYPE | typeof EVENT_STREAM;

/** What each kind of range that a client may write takes, the dearest first. */
const TAKEN: Readonly<Record<string, MediaType>> = {
  [GRAPHQL_JSON]: GRAPHQL_JSON,
  [EVENT_STREAM]: EVENT_STREAM,
  [JSON_TYPE]: JSON_TYPE,
  'application/*': JSON_TYPE,
  '*/*': JSON_TYPE,
};

/** How the answer is written: the first that the client takes and the hub has. Undefined: none. */
export const mediaTypeOf = (accept: string | undefined): MediaType | undefined => {
  if (accept === undefined || accept === '') return JSON_TYPE;
  const ranges = accept.split(',', 32).map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((part) => part.startsWith('q='));
    return { taken: TAKEN[type], weight: weight === undefined ? 1 : Number(weight.slice(2)) };
  });
  // Sorting keeps the client’s own order among equals.
  const [best] = ranges
    .filter(({ taken, weight }) => taken !== undefined && weight > 0)
    .toSorted((one, other) => other.weight - one.weight);
  return best?.taken;
};
