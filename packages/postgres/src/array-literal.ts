/** PostgreSQL array literals from values that need no escaping beyond quotes: ids, numbers, names of a fixed alphabet. */
type Item = string | number | undefined;

/** For numbers and uuids. */
export const plainArray = (items: readonly Item[]): string =>
  `{${items.map((item) => item ?? 'null').join(',')}}`;

/** For text: quoted, so that a name such as `null` stays text. */
export const textArray = (items: readonly (string | undefined)[]): string =>
  `{${items.map((item) => (item === undefined ? 'null' : `"${item.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`)).join(',')}}`;
