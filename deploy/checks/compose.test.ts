import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root, runTool } from './tools.ts';
import type { Said } from './tools.ts';

interface Service {
  readonly image: string;
  readonly ports?: readonly { readonly host_ip: string; readonly target: number }[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly { readonly source: string }[];
  readonly volumes?: readonly {
    readonly type: string;
    readonly target: string;
    readonly read_only?: boolean;
  }[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
  readonly read_only?: boolean;
}
interface Model {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
}

const compose = (file: string): Said =>
  runTool('docker-compose', '--file', file, '--profile', 'watch', 'config', '--format', 'json');

let folder: string;
let model: Model;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'act-compose-'));
  const { code, stdout, stderr } = compose('compose.yaml');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  model = JSON.parse(stdout) as Model;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const service = (name: string): Service => {
  const found = model.services[name];
  if (!found) throw new Error(`no service ${name}`);
  return found;
};

it('is what Docker Compose itself takes, with all services of the stack', () => {
  expect(Object.keys(model.services).toSorted()).toEqual(['hub', 'kafka', 'postgres', 'redis', 'watcher']);
});

it('is refused with a misspelt key, a service that is not there, or a missing secret', () => {
  const text = readFileSync(join(root, 'compose.yaml'), 'utf8');
  const broken = [
    text.replace('stop_grace_period:', 'stop_graceperiod:'),
    text.replace('kafka: { condition: service_healthy }', 'kafca: { condition: service_healthy }'),
    text.replace('secrets: [watcher-key]', 'secrets: [watcherkey]'),
  ];
  for (const [index, one] of broken.entries()) {
    expect(one).not.toBe(text);
    const file = join(folder, `broken-${index}.yaml`);
    writeFileSync(file, one);
    expect(compose(file).code).not.toBe(0);
  }
});

it('publishes the hub alone, and on this machine alone', () => {
  const published = Object.entries(model.services).flatMap(([name, { ports = [] }]) =>
    ports.map(({ host_ip, target }) => `${name} ${host_ip} ${target}`),
  );
  expect(published).toEqual(['hub 127.0.0.1 3000', 'hub 127.0.0.1 8080']);
  expect(model.networks['inside']?.internal).toBe(true);
});

it('waits for health, not for a start, and every service that is waited for tells its health', () => {
  for (const { depends_on: needs = {} } of Object.values(model.services))
    for (const [name, { condition }] of Object.entries(needs)) {
      expect(condition).toBe('service_healthy');
      // The hub's check is in its image.
      if (name !== 'hub') expect(service(name)).toHaveProperty('healthcheck');
    }
  expect(readFileSync(join(root, 'Dockerfile'), 'utf8')).toMatch(/^HEALTHCHECK /m);
});

it('holds no secret itself: passwords and keys come from files', () => {
  for (const { environment = {} } of Object.values(model.services))
    for (const [name, value] of Object.entries(environment))
      if (/PASSWORD|KEY|DATABASE_URL|MIGRATE_URL|TOKEN/.test(name) && !/IN_CLEAR/.test(name)) {
        expect(name).toMatch(/_FILE$/);
        expect(value).toMatch(/^\/run\/secrets\//);
      }
});

it('keeps all data in named volumes', () => {
  for (const name of ['postgres', 'kafka'])
    expect(service(name).volumes).toContainEqual(expect.objectContaining({ type: 'volume' }));
  expect(Object.keys(model.volumes)).toHaveLength(3);
});

it('gives the watcher the worktree to read only, and nobody a root that can be written to', () => {
  expect(service('watcher').volumes).toContainEqual(
    expect.objectContaining({ target: '/watched', read_only: true }),
  );
  for (const name of ['hub', 'watcher', 'redis']) expect(service(name).read_only).toBe(true);
});
