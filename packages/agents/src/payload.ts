import { Unreadable } from './happening.ts';

/** Fields of a vendor's JSON; each says which one is missing. */
export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const textIn = (fields: Fields, name: string): string => {
  const value = fields[name];
  if (typeof value === 'string') return value;
  throw new Unreadable(`the field ${name} is ${value === undefined ? 'missing' : 'no text'}`);
};

export const optionalText = (fields: Fields, name: string): string | undefined =>
  fields[name] === undefined || fields[name] === null ? undefined : textIn(fields, name);

export const fieldsIn = (fields: Fields, name: string): Fields => {
  const value = fields[name];
  if (isFields(value)) return value;
  throw new Unreadable(`the field ${name} is ${value === undefined ? 'missing' : 'no object'}`);
};

export const listIn = (fields: Fields, name: string): readonly Fields[] => {
  const value = fields[name];
  if (Array.isArray(value) && value.every(isFields)) return value;
  throw new Unreadable(`the field ${name} is ${value === undefined ? 'missing' : 'no list of objects'}`);
};
