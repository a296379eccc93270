/** `Task`, of `task`; `TaskClaim`, of `task.claim`; `TaskNotFound`, of `task_not_found`; `Status`, of `status`. */
export const typeName = (name: string): string =>
  name.replaceAll(/(?:^|[._])(\w)/g, (_match, letter: string) => letter.toUpperCase());

/** The field of a call: `taskClaim`, of `task.claim`. The OpenAPI document’s operation ids are the same. */
export const fieldName = (name: string): string => {
  const type = typeName(name);
  return `${type.charAt(0).toLowerCase()}${type.slice(1)}`;
};

/** Whether GraphQL can name an enum’s value so. */
export const isValueName = (value: unknown): value is string =>
  typeof value === 'string' && /^[A-Za-z]\w*$/.test(value) && !['true', 'false', 'null'].includes(value);
