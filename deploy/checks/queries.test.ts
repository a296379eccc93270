import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ALERTS, DASHBOARD, queriesOf } from './queries.ts';
import { root } from './tools.ts';

it('is PromQL, all that the dashboard and the alerts ask for', () => {
  const queries = queriesOf(DASHBOARD, ALERTS);
  expect(queries.filter(({ error }) => error !== undefined)).toEqual([]);
  for (const path of [DASHBOARD, ALERTS])
    expect(queries.filter((query) => query.path === path).length).toBeGreaterThan(5);
});

it('is told where it is not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'act-rules-'));
  const file = join(folder, 'rules.yaml');
  writeFileSync(file, readFileSync(join(root, ALERTS), 'utf8').replace('[5m])', '[5m)'));
  expect(queriesOf(file).some(({ error }) => error !== undefined)).toBe(true);
  rmSync(folder, { recursive: true });
});

it('has panels that do not lie upon each other', () => {
  const { panels } = JSON.parse(readFileSync(join(root, DASHBOARD), 'utf8')) as {
    panels: readonly { id: number; gridPos: { x: number; y: number; w: number; h: number } }[];
  };
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
});
