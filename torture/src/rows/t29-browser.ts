import type { Browser, Page } from 'playwright-core';
import { uuidv7 } from 'uuidv7';
import { launchChromium } from '../browser/chromium.ts';
import { rawRequests, readRaw } from '../browser/raw-requests.ts';
import { openSwitch, serveCarelessly, servePages } from '../browser/servers.ts';
import type { CarelessServer, Switch } from '../browser/servers.ts';
import { defineRow } from '../row.ts';
import type { RowContext } from '../row.ts';
import { addTasks, openScene, settleRows } from '../scene.ts';
import type { Scene } from '../scene.ts';

type Names = 'contexts' | 'tokens' | 'at-once';

/** What the pages of `torture/pages` put into their window. */
interface AttackWindow {
  readonly attackNames: readonly string[];
  attack(names: readonly string[], target: Target): Promise<Attempt[]>;
  visit(hub: object): Promise<string[]>;
}
interface Attempt {
  readonly name: string;
  readonly read: string;
}
interface Target {
  readonly base: string;
  readonly token?: string;
  readonly projectId: string;
  /** Each request says which attack it belongs to. */
  readonly marked: boolean;
}

/** Where the attacker's page comes from, and by which name it reaches what it attacks. */
type Place =
  | { readonly kind: 'foreign'; readonly host: string }
  | { readonly kind: 'rebound'; readonly name: string };

const PLACES: readonly Place[] = [
  { kind: 'foreign', host: '127.0.0.1' },
  { kind: 'rebound', name: 'rebound4.test' },
  { kind: 'rebound', name: 'rebound6.test' },
  { kind: 'rebound', name: 'rebound0.test' },
  { kind: 'foreign', host: 'localhost' },
  { kind: 'foreign', host: '[::1]' },
  { kind: 'foreign', host: '0.0.0.0' },
];
const placeName = (place: Place): string =>
  place.kind === 'foreign' ? `evil.test → ${place.host}` : place.name;

interface Ground {
  readonly browser: Browser;
  readonly pagesPort: number;
  readonly careless: CarelessServer;
  readonly turnout: Switch;
  readonly scene: Scene;
  readonly atOnce: number;
}

const withPage = async <T>(browser: Browser, url: string, use: (page: Page) => Promise<T>): Promise<T> => {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(url, { waitUntil: 'load' });
    return await use(page);
  } finally {
    await context.close();
  }
};

/** Every attack from one place on one server. A rebound name and `[::1]` lead to the server through the switch. */
const attackFrom = async (
  { browser, pagesPort, turnout, scene, atOnce }: Ground,
  place: Place,
  port: number,
  more: { token?: string; marked: boolean },
  only?: readonly string[],
): Promise<Attempt[]> => {
  turnout.turnTo(pagesPort);
  const isRebound = place.kind === 'rebound';
  const page = isRebound ? `http://${place.name}:${turnout.port}` : `http://evil.test:${pagesPort}`;
  const through = place.kind === 'foreign' && place.host !== '[::1]' ? port : turnout.port;
  const base = isRebound ? page : `http://${place.host}:${through}`;
  return withPage(browser, page, async (opened) => {
    const names = only ?? (await opened.evaluate(() => (globalThis as unknown as AttackWindow).attackNames));
    turnout.turnTo(port);
    const attempts: Attempt[] = [];
    const target: Target = { base, projectId: scene.projectId, ...more };
    for (let first = 0; first < names.length; first += atOnce) {
      const some = names.slice(first, first + atOnce);
      const told = await opened.evaluate(
        ([which, what]) => (globalThis as unknown as AttackWindow).attack(which, what),
        [some, target] as const,
      );
      attempts.push(...told);
    }
    return attempts;
  });
};

/** What a page of an allowed origin and the hub's own page cannot do: nothing, if all is well. */
const visitFriends = async ({ browser, pagesPort, scene }: Ground): Promise<string[]> => {
  const { hub, projectId } = scene;
  const about = { url: hub.url, token: hub.token, projectId, commandId: uuidv7() };
  const failed = await withPage(browser, `http://friend.test:${pagesPort}/friend`, (page) =>
    page.evaluate((given) => (globalThis as unknown as AttackWindow).visit(given), about),
  );
  const context = await browser.newContext();
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(`${hub.url}/docs/`);
  const shown = await page
    .waitForSelector('.opblock', { timeout: 20_000 })
    .then(() => true)
    .catch(() => false);
  const status = await page.evaluate(
    async (token) => (await fetch('/v1', { headers: { authorization: `Bearer ${token}` } })).status,
    hub.token,
  );
  await context.close();
  return [
    ...failed,
    ...(shown ? [] : ['docs']),
    ...(status === 200 ? [] : ['own page']),
    ...complaints.map((text) => `docs: ${text}`),
  ];
};

const changed = (before: Record<string, string>, after: Record<string, string>): string[] =>
  Object.keys(after).filter((table) => after[table] !== before[table]);

const bytesOf = (attempts: readonly Attempt[]): number =>
  attempts.reduce((sum, { read }) => sum + Buffer.byteLength(read), 0);

/** The attacks on a server that lets everything pass: those that come to nothing there would prove nothing. */
const control = async (ground: Ground, places: readonly Place[], log: (line: string) => void) => {
  const { careless } = ground;
  const effective = new Set<string>();
  const byPlace: Record<string, string> = {};
  const tryFrom = async (place: Place, only?: readonly string[]): Promise<string[]> => {
    careless.reachedBy.clear();
    const attempts = await attackFrom(ground, place, careless.port, { marked: true }, only);
    const reading = attempts.filter(({ read }) => read !== '').map(({ name }) => name);
    for (const name of [...reading, ...careless.reachedBy]) effective.add(name);
    const found = `${reading.length} read, ${careless.reachedBy.size} arrived`;
    log(`control, ${placeName(place)}: ${found} of ${attempts.length}`);
    if (!only) byPlace[placeName(place)] = found;
    return attempts.map(({ name }) => name);
  };
  let names: string[] = [];
  for (const place of places) names = await tryFrom(place);
  const toothless = (): string[] => names.filter((name) => !effective.has(name));
  // A machine with no time to spare makes attacks run out of theirs: those get it to themselves.
  for (const place of places) for (const name of toothless()) await tryFrom(place, [name]);
  // From a place that nothing arrives from nothing is shown either.
  const unreachable = places.map(placeName).filter((name) => byPlace[name]?.endsWith(' 0 arrived'));
  return { byPlace, toothless: [...toothless(), ...unreachable] };
};

const attackHub = async ({ sizes, log }: RowContext<Names>, ground: Ground, places: readonly Place[]) => {
  const { hub } = ground.scene;
  // Of the right form, from its beginning to its length.
  const guessed = `${hub.token.slice(0, -36)}${'0'.repeat(36)}`;
  const tokens = [
    { kind: 'no token' },
    { kind: 'stolen token', token: hub.token },
    { kind: 'guessed token', token: guessed },
  ].slice(0, sizes.tokens);
  const attempts: Attempt[] = [];
  for (const place of places)
    for (const { kind, ...token } of tokens) {
      const told = await attackFrom(ground, place, hub.port, { ...token, marked: false });
      const named = told.map(({ name, read }) => ({ name: `${placeName(place)}, ${kind}: ${name}`, read }));
      log(`${placeName(place)}, ${kind}: ${named.length} attempts, ${bytesOf(named)} bytes`);
      attempts.push(...named);
    }
  for (const request of rawRequests(hub.port, hub.token))
    attempts.push({ name: request.name, read: await readRaw(hub.port, request) });
  return attempts;
};

export const t29 = defineRow<Names>({
  name: 'T29',
  summary: 'pages of other origins in a real browser, also rebound ones, reach for a hub on this machine',
  sizes: { contexts: [7, 2], tokens: [3, 2], 'at-once': [16, 16] },
  run: async (context) => {
    const { sizes, stage, log } = context;
    const pagesPort = await servePages(stage);
    const env = { ACT_ALLOWED_ORIGINS: `http://friend.test:${pagesPort}` };
    const scene = await openScene(stage, {}, env);
    await addTasks(scene, [{ key: 'secret', title: 'what nobody else may read' }]);
    const browser = await launchChromium(stage, `http://evil.test:${pagesPort}`, log);
    const [careless, turnout] = [await serveCarelessly(stage), await openSwitch(stage)];
    const ground = { browser, pagesPort, careless, turnout, scene, atOnce: sizes['at-once'] };
    const places = PLACES.slice(0, sizes.contexts);
    const controlled = await control(ground, places, log);
    await settleRows(scene);
    const before = await scene.database.digest();
    const attempts = await attackHub(context, ground, places);
    await settleRows(scene);
    const touched = changed(before, await scene.database.digest());
    const reading = attempts.filter(({ read }) => read !== '');
    for (const { name, read } of reading.slice(0, 40)) log(`READ ${name}: ${read.slice(0, 160)}`);
    const failed = await visitFriends(ground);
    const figures = {
      attempts: attempts.length,
      bytesRead: bytesOf(attempts),
      readBy: reading.slice(0, 40).map(({ name }) => name),
      changes: touched.length,
      touched,
      allowedWorked: failed.length === 0,
      failed,
      control: controlled.byPlace,
      toothless: controlled.toothless,
      browser: browser.version(),
    };
    const passed =
      figures.bytesRead === 0 &&
      figures.changes === 0 &&
      figures.allowedWorked &&
      controlled.toothless.length === 0;
    return { ...figures, passed };
  },
});
