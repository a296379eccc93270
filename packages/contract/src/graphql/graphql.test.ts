import { readFileSync } from 'node:fs';
import { buildSchema, validateSchema } from 'graphql';
import { expect, it } from 'vitest';
import { commands, queries } from '../table.ts';
import { graphqlCalls, graphqlSchema, relations, typeName } from './index.ts';

const text = graphqlSchema();
const schema = buildSchema(text);
const fieldsOf = (type: string): string[] => {
  const found = schema.getType(type);
  return found && 'getFields' in found ? Object.keys(found.getFields()) : [];
};

it('is a valid schema, and the one that was generated', () => {
  expect(validateSchema(schema)).toEqual([]);
  const written = readFileSync(new URL('../../generated/schema.graphql', import.meta.url), 'utf8');
  expect(written).toMatch(/^# Generated .*\n/);
  expect(written.replace(/^.*\n/, '')).toBe(text);
});

it('has a field for every call that doors offer, and for no other', () => {
  const offered = Object.values({ ...commands, ...queries }).filter((row) => 'route' in row);
  expect(graphqlCalls.map(({ name }) => name).toSorted()).toEqual(offered.map(({ name }) => name).toSorted());
  expect(fieldsOf('Mutation')).toHaveLength(offered.filter(({ kind }) => kind === 'command').length);
  expect(fieldsOf('Query')).toHaveLength(offered.filter(({ kind }) => kind === 'query').length);
});

it('answers a row’s own refusals as members of its result', () => {
  expect(text).toContain(
    'union TaskClaimResult = Claim | TaskNotFound | TaskNotReady | TaskAlreadyClaimed | TaskClosed | CapabilityMissing | SessionExpired',
  );
});

it('leaves refusals that any call may meet out of results: they are errors', () => {
  for (const { refusals } of graphqlCalls) expect(refusals).not.toContain('invalid_input');
});

it('gives no relation the name of a field of the entity', () => {
  const own = Object.keys(relations).map(
    (type) => new RegExp(`^type ${type} \\{$([^}]*)`, 'm').exec(text)?.[1],
  );
  Object.values(relations).forEach((fields, index) => {
    for (const name of Object.keys(fields)) expect(own[index]).not.toMatch(new RegExp(`^  ${name}:`, 'm'));
  });
});

it('says names of the table as types', () => {
  expect(typeName('task_already_claimed')).toBe('TaskAlreadyClaimed');
  expect(typeName('agent.publish_keys')).toBe('AgentPublishKeys');
});
