import { describe, expect, it } from 'vitest';
import { parseInstance } from './parse.ts';

function file(agents: readonly string[], tasks: readonly string[], header: readonly string[] = []): string {
  const rule = '='.repeat(20);
  const lines = ['File name: x.def', ...header, rule, 'ResourceID \t Salary \t Skills ', ...agents];
  return [...lines, `${rule} `, 'TaskID \t Duration \t Skill \t Predecessor IDs ', ...tasks, rule].join('\n');
}

const AGENT = '1\t \t \t56.2\t \t Q4: 1 \t  Q0: 0 \t ';

describe('parseInstance', () => {
  it('reads agents with several skills and tasks with and without predecessors', () => {
    const text = file(
      [AGENT, '2\t10\tQ5: 2'],
      ['1\t \t \t10\t Q4: 0\t \t', '2\t18\tQ5:\t2\t1', '3 5 Q0: 0 1 2 '],
    );
    expect(parseInstance(text, 'x')).toEqual({
      name: 'x',
      agents: [
        { id: '1', skills: { Q4: 1, Q0: 0 } },
        { id: '2', skills: { Q5: 2 } },
      ],
      tasks: [
        { id: '1', duration: 10, skill: 'Q4', level: 0, predecessors: [] },
        { id: '2', duration: 18, skill: 'Q5', level: 2, predecessors: ['1'] },
        { id: '3', duration: 5, skill: 'Q0', level: 0, predecessors: ['1', '2'] },
      ],
    });
  });

  it('reads CRLF files like LF files', () => {
    const text = file([AGENT], ['1 10 Q4: 0', '', '2 3 Q0: 0 1']);
    expect(parseInstance(text.replaceAll('\n', '\r\n'), 'x')).toEqual(parseInstance(text, 'x'));
  });

  it.each([
    ['a line it cannot read', file([AGENT], ['1 ten Q4: 0']), 'x.def:7: expected "id duration'],
    ['a task without a skill', file([AGENT], ['1 10 ']), 'x.def:7: expected "id duration'],
    ['an id used twice', file([AGENT], ['1 10 Q4: 0', '1 10 Q4: 0']), 'x.def:8: task 1 is defined twice'],
    ['an unknown predecessor', file([AGENT], ['1 10 Q4: 0 7']), 'x.def:7: task 1 follows unknown task 7'],
    [
      'a cycle',
      file([AGENT], ['1 1 Q4: 0', '2 1 Q4: 0 3', '3 1 Q4: 0 2']),
      'x.def:8: task 2 waits for itself',
    ],
    ['a task nobody can do', file([AGENT], ['1 10 Q4: 2']), 'x.def:7: no resource has Q4 at level 2'],
    ['two skills at once', file([AGENT], ['1 10 Q4: 0 Q0: 0']), 'x.def:7: task 1 needs several skills'],
    ['an unreadable resource', file(['one 3 Q4: 1'], ['1 10 Q4: 0']), 'x.def:4: expected "id salary'],
    [
      'a cut table',
      file([AGENT], ['1 1 Q4: 0'], ['Tasks: 2']),
      'x.def: the header announces 2 tasks, the table has 1',
    ],
    ['a file without tables', 'hello', 'x.def: no tasks found'],
  ])('refuses %s, naming file and line', (_, text, message) => {
    expect(() => parseInstance(text, 'x.def')).toThrow(message);
  });
});
