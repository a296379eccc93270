import { commands, pathFields, queries } from '@agentmix/act-contract';
import { describe, expect, it } from 'vitest';
import { requestOf } from './request.ts';
import type { Call } from './request.ts';

describe('a request', () => {
  it('is made from every row that has a route, and puts each field in exactly one place', () => {
    for (const row of [...Object.values(commands), ...Object.values(queries)]) {
      if (row.route === undefined) continue;
      const fields = pathFields(row.route.path);
      const input = Object.fromEntries([...fields, 'extra'].map((field) => [field, `${field} é/`]));
      const call = { kind: row.kind, name: row.name, projectId: 'p/1', input } as Call;
      const request = requestOf(call);
      expect(request.method).toBe(row.route.method);
      expect(request.target.split('?')[0]?.split('/')).toHaveLength(row.route.path.split('/').length + 1);
      if (fields.includes('projectId')) expect(request.target).toContain('/projects/p%2F1');
      const carried = request.body ?? request.target.split('?')[1];
      expect(carried).toContain('extra');
    }
  });

  it('sends what is left as a query string with GET and DELETE, without absent fields', () => {
    const input = { status: undefined, limit: 5, key: 'a&b' };
    expect(requestOf({ kind: 'query', name: 'task.list', projectId: 'p', input }).target).toBe(
      '/v1/projects/p/tasks?limit=5&key=a%26b',
    );
    const remove = { kind: 'command', name: 'state.delete', projectId: 'p' } as const;
    expect(requestOf({ ...remove, input: { key: 'k', expectedVersion: 3 } })).toEqual({
      method: 'DELETE',
      target: '/v1/projects/p/state/k?expectedVersion=3',
    });
  });

  it('sends the project’s own id in the body where the path has none', () => {
    const call = { kind: 'command', name: 'project.create', projectId: undefined } as const;
    expect(requestOf({ ...call, input: { projectId: 'x', name: 'n' } }).body).toBe(
      '{"projectId":"x","name":"n"}',
    );
  });
});
