// docs/asvs.md, the OWASP ASVS 5.0.0 table: every requirement of levels 1 and 2 has one row, every test and file that
// a row names is there, and the counts at its head are those of its rows. `--write` renews the counts.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { root } from './prepare.mjs';

const FILE = 'docs/asvs.md';
const VERDICTS = ['tested', 'shown', 'not applicable', 'open'];
const TOTALS = { 1: 70, 2: 176 };
const REASON_CHARS_MIN = 5;

/** Levels of the requirements of each section in their order, as the standard numbers them. V17, WebRTC, is left out. */
const LEVELS = `
1.1 22 | 1.2 1111122223 | 1.3 112222222223 | 1.4 222 | 1.5 123
2.1 122 | 2.2 112 | 2.3 12223 | 2.4 23
3.1 3 | 3.2 113 | 3.3 12223 | 3.4 11222233 | 3.5 11122333 | 3.6 3 | 3.7 22333
4.1 12233 | 4.2 23333 | 4.3 22 | 4.4 1222
5.1 2 | 5.2 112333 | 5.3 113 | 5.4 222
6.1 122 | 6.2 111111112222 | 6.3 11223333 | 6.4 112233 | 6.5 22222333 | 6.6 2223 | 6.7 33 | 6.8 2222
7.1 222 | 7.2 1111 | 7.3 22 | 7.4 11222 | 7.5 223 | 7.6 22
8.1 1233 | 8.2 1123 | 8.3 133 | 8.4 23
9.1 111 | 9.2 1222
10.1 22 | 10.2 223 | 10.3 22223 | 10.4 1111122222233333 | 10.5 22222 | 10.6 22 | 10.7 222
11.1 2233 | 11.2 22233 | 11.3 11233 | 11.4 1222 | 11.5 23 | 11.6 23 | 11.7 33
12.1 12233 | 12.2 11 | 12.3 22223
13.1 2333 | 13.2 222223 | 13.3 2233 | 13.4 1222233
14.1 22 | 14.2 12223333 | 14.3 122
15.1 12233 | 15.2 12233 | 15.3 1222222 | 15.4 3333
16.1 2 | 16.2 22222 | 16.3 2222 | 16.4 222 | 16.5 2223`;

const wanted = new Map(
  LEVELS.trim()
    .split(/\s*[|\n]\s*/)
    .map((section) => section.split(' '))
    .flatMap(([name, levels]) => levels.split('').map((level, at) => [`V${name}.${at + 1}`, level]))
    .filter(([, level]) => level !== '3'),
);

const text = readFileSync(join(root, FILE), 'utf8');
const rows = [...text.matchAll(/^\| (V[\d.]+) \| (.*) \|$/gm)].map(([, id, rest]) => {
  const [level, what, verdict, where, ...more] = rest.split(' | ');
  return { id, level, what, verdict, where: where ?? '', isWhole: where !== undefined && more.length === 0 };
});
const problems = [];
const complain = (id, what) => problems.push(`${FILE}: ${id} ${what}`);

const testScript = readFileSync(join(root, 'scripts/test.mjs'), 'utf8');
const tortureFiles = readdirSync(join(root, 'torture/src/rows'));
const isTortureRow = (name) => /^T\d\d$/.test(name);
/** Files that tests are in: beside the sources, and those that several doors or stores run. */
const isTest = (name) =>
  isTortureRow(name) || /\.test\.ts$|\/test\/[\w-]+-rules\.ts$|\/testing\/src\/acceptance\//.test(name);

/** A torture row has to be there and run by `npm test`; a file has to be there and to hold the words quoted from it. */
const checkReference = (id, name, title) => {
  if (isTortureRow(name)) {
    if (!tortureFiles.some((file) => file.startsWith(`${name.toLowerCase()}-`)))
      complain(id, `names ${name}, which does not exist`);
    else if (!testScript.includes(`'${name}'`)) complain(id, `names ${name}, which npm test does not run`);
  } else if (!existsSync(join(root, name))) complain(id, `names ${name}, which does not exist`);
  else if (title && !readFileSync(join(root, name), 'utf8').includes(title))
    complain(id, `quotes “${title}”, which ${name} does not say`);
};

const checkRow = ({ id, verdict, where, what, isWhole }) => {
  if (!isWhole || !what) complain(id, 'needs five columns');
  if (!VERDICTS.includes(verdict)) complain(id, `has the verdict “${verdict}”`);
  const references = [...where.matchAll(/`([^`]+)`(?: “([^”]+)”)?/g)];
  for (const [, name, title] of references) checkReference(id, name, title);
  if (verdict === 'tested' && !references.some(([, name]) => isTest(name))) complain(id, 'names no test');
  if (verdict === 'shown' && references.length === 0) complain(id, 'names nothing that shows it');
  if (references.length === 0 && where.length < REASON_CHARS_MIN) complain(id, 'gives no reason');
};

const seen = new Set();
for (const row of rows) {
  if (seen.has(row.id)) complain(row.id, 'has two rows');
  seen.add(row.id);
  if (wanted.get(row.id) !== row.level) complain(row.id, `is not of level ${row.level}, or not asked for`);
  checkRow(row);
}
for (const id of wanted.keys()) if (!seen.has(id)) complain(id, 'has no row');

const count = (verdict, level) => rows.filter((row) => row.verdict === verdict && row.level === level).length;
for (const [level, total] of Object.entries(TOTALS)) {
  const found = [...wanted.values()].filter((one) => one === level).length;
  if (found !== total) complain('the list', `has ${found} requirements of level ${level}, not ${total}`);
}
const line = (name, one, two) => `| ${name} | ${one} | ${two} | ${one + two} |`;
const counts = [
  '| verdict | level 1 | level 2 | both |',
  '|---|---|---|---|',
  ...VERDICTS.map((verdict) => line(verdict, count(verdict, '1'), count(verdict, '2'))),
  line('all', TOTALS[1], TOTALS[2]),
].join('\n');
const renewed = text.replace(/^\| verdict \|[\s\S]*?(?=\n\n)/m, () => counts);
if (renewed !== text) {
  if (process.argv.includes('--write')) writeFileSync(join(root, FILE), renewed);
  else problems.push(`${FILE}: the counts are not those of the rows: node scripts/asvs.mjs --write`);
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`asvs: ${VERDICTS.map((one) => `${count(one, '1') + count(one, '2')} ${one}`).join(', ')}`);
