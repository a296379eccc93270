type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Only the fields that are not undefined: absent is absent, in an event as on the wire. */
export const defined = <T extends object>(value: T): Defined<T> => {
  // Field by field: by way of an array of entries it took three times as long, several times a command.
  const fields: Partial<T> = {};
  for (const key of Object.keys(value) as (keyof T)[]) if (value[key] !== undefined) fields[key] = value[key];
  return fields as Defined<T>;
};
