import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { jsoncHooksFile, jsoncMcpFile } from './jsonc-file.ts';
import { Ledger } from './ledger.ts';

const entry = (moment: string) => ({ hooks: [{ command: `node act-hook.cjs devin ${moment}` }] });
const ours = { Start: [entry('start')], Stop: [entry('stop')] };
const file = jsoncHooksFile('/config.json', ours);
const mcp = jsoncMcpFile('/mcp.json', ['node', 'main.js']);

/** What may stand between any two tokens. */
const between = fc.constantFrom('', ' ', '\n  ', '\r\n\t', ' // it’s "a": { \n', '/* ] */', ' /* , */\n');

/** A list or an object as a person may write one. */
const written = (brackets: '[]' | '{}', members: fc.Arbitrary<readonly string[]>): fc.Arbitrary<string> =>
  fc.tuple(members, fc.infiniteStream(between), fc.boolean()).map(([texts, stream, hasComma]) => {
    const blank = (): string => stream.next().value ?? '';
    const inside = texts.map((text) => `${blank()}${text}${blank()}`).join(',');
    return `${brackets[0]}${inside}${hasComma && texts.length > 0 ? ',' : ''}${blank()}${brackets[1]}`;
  });

const object = (
  keys: readonly string[],
  value: (key: string) => fc.Arbitrary<string>,
  minLength: number,
): fc.Arbitrary<string> =>
  written(
    '{}',
    fc
      .subarray([...keys], { minLength })
      .chain((some) => fc.tuple(...some.map((key) => value(key).map((text) => `"${key}"${' '}: ${text}`)))),
  );

const scalar = fc.constantFrom('1', '"// no comment"', 'null', '"é, }"', '{ "command": "say done" }');
/** A config with hooks; `least`: how many members its objects and lists of hooks have at least. */
const config = (least: number): fc.Arbitrary<string> => {
  const list = written('[]', fc.array(scalar, { minLength: least, maxLength: 3 }));
  const hooks = object(['Stop', 'Start', 'Other'], () => list, least);
  return fc
    .tuple(
      between,
      object(['model', 'hooks', 'agent'], (key) => (key === 'hooks' ? hooks : scalar), 0),
      between,
    )
    .map(([before, text, after]) => `${before}${text}${after}`);
};

describe('hooks in a file of JSON with comments', () => {
  it('stand beside what was there, of which every byte stays, and go without a trace', () =>
    fc.assert(
      fc.property(config(1), (text) => {
        const edited = file.edit(text);
        const { hooks, ...rest } = parse(text) as { hooks?: Record<string, unknown[]> };
        const merged = { ...hooks };
        for (const [event, entries] of Object.entries(ours))
          merged[event] = [...(hooks?.[event] ?? []), ...entries];
        expect(parse(edited)).toEqual({ ...rest, hooks: merged });
        expect(file.edit(edited)).toBe(edited);
        expect(file.undo(edited)).toBe(text);
      }),
      { numRuns: 500 },
    ));

  it('are gone with every byte as it was after a join and a leave', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'act-jsonc-'));
    const path = join(folder, 'config.json');
    const change = { ...file, path };
    await fc.assert(
      fc.asyncProperty(config(0), async (text) => {
        await writeFile(path, text);
        await (await Ledger.open(join(folder, 'ledger.json'))).apply([change]);
        const joined = await Ledger.open(join(folder, 'ledger.json'));
        expect(await joined.apply([change])).toMatchObject([{ fate: 'unchanged' }]);
        await joined.restore([change]);
        expect(await readFile(path, 'utf8')).toBe(text);
      }),
      { numRuns: 50 },
    );
    await rm(folder, { recursive: true });
  });

  it('are written as the rest of the file is', () => {
    expect(file.edit('{\n\t// mine\n\t"model": "x", // the good one\n}\n')).toMatch(
      /^\{\n\t\/\/ mine\n\t"model": "x", \/\/ the good one\n\t"hooks": \{\n\t\t"Start": \[\n/,
    );
    expect(file.edit('{"model": "x" /* good */}')).toMatch(
      /^\{"model": "x", \/\* good \*\/ "hooks": \{"Start":\[\{/,
    );
    expect(file.edit(undefined)).toMatch(/^\{\n {2}"hooks": \{\n {4}"Start": \[\n/);
  });

  it('of another release are replaced', () => {
    const older = JSON.stringify({ hooks: { Stop: [entry('older'), 'theirs'] } });
    expect(parse(file.edit(older))).toEqual({
      hooks: { Stop: ['theirs', entry('stop')], Start: ours.Start },
    });
  });

  it('go alone where somebody changed the file since, and leave what is behind them on its line', () => {
    const text = '{"hooks": {"Stop": [ // mine\n  "act-hook.cjs", /* theirs */ 1]}}';
    expect(file.undo(text)).toBe('{"hooks": {"Stop": [ // mine\n   /* theirs */ 1]}}');
  });

  it.each(['{ /* no end', '[]', 'nonsense', '{"a": 1 "b": 2}'])(
    'are not written where it cannot be read: %s',
    (text) => expect(() => file.edit(text)).toThrow('/config.json is no JSON object'),
  );
  it.each([
    ['{"hooks": 1}', 'an object was expected at character 10'],
    ['{"hooks": {"Stop": {}}}', 'a list was expected at character 19'],
  ])('are not written where no table is: %s', (text, reason) =>
    expect(() => file.edit(text)).toThrow(`/config.json cannot be edited, ${reason}`),
  );
});

describe('a server of tools in a file of JSON with comments', () => {
  it('is there once, beside others, and goes again', () => {
    const text = '{\n  "mcpServers": {\n    "other": {}, // keep\n  },\n}\n';
    const edited = mcp.edit(text);
    expect(edited).toContain('"other": {}, // keep\n    "act": {\n      "command": "node",\n');
    expect(mcp.edit(edited)).toBe(edited);
    expect(mcp.undo(edited)).toBe(text);
  });
});
