export const GRAPHQL_JSON = 'application/graphql-response+json';
export const JSON_TYPE = 'application/json';
export const EVENT_STREAM = 'text/event-stream';
export type MediaType = typeof GRAPHQL_JSON | typeof JSON_TYPE;

/** What each range that a client may write takes. */
const TAKEN: Readonly<Record<string, MediaType>> = {
  [GRAPHQL_JSON]: GRAPHQL_JSON,
  [JSON_TYPE]: JSON_TYPE,
  'application/*': JSON_TYPE,
  '*/*': JSON_TYPE,
};
const RANGES_MAX = 32;

const rangesOf = (accept: string): { readonly type: string; readonly weight: number }[] =>
  accept
    .split(',', RANGES_MAX)
    .map((range) => {
      const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
      const weight = parameters.find((part) => part.startsWith('q='));
      return { type, weight: weight === undefined ? 1 : Number(weight.slice(2)) };
    })
    .filter(({ weight }) => weight > 0)
    // Sorting keeps the client’s own order among equals.
    .toSorted((one, other) => other.weight - one.weight);

/** How an answer is written: the first that the client takes and the hub has. Undefined: none. */
export const mediaTypeOf = (accept: string | undefined): MediaType | undefined => {
  if (accept === undefined || accept === '') return JSON_TYPE;
  if (accept === GRAPHQL_JSON || accept === JSON_TYPE) return accept;
  return rangesOf(accept)
    .map(({ type }) => TAKEN[type])
    .find((type) => type !== undefined);
};

/** Whether results may come as a stream. */
export const takesStream = (accept: string | undefined): boolean =>
  rangesOf(accept ?? '').some(({ type }) => type === EVENT_STREAM);
