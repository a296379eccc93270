import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';
import type { Stage } from '../processes/stage.ts';
import { program } from '../processes/program.ts';

/** Names that lead to this machine, each by another of its addresses; what is not listed leads nowhere. */
export const NAMES = {
  'evil.test': '127.0.0.1',
  'friend.test': '127.0.0.1',
  'rebound4.test': '127.0.0.1',
  'rebound6.test': '[::1]',
  'rebound0.test': '0.0.0.0',
} as const;

const rules = [
  ...Object.entries(NAMES).map(([name, address]) => `MAP ${name} ${address}`),
  'MAP * ~NOTFOUND',
  'EXCLUDE localhost',
  'EXCLUDE 127.0.0.1',
  'EXCLUDE [::1]',
  'EXCLUDE ::1',
  'EXCLUDE 0.0.0.0',
].join(', ');

/**
 * Debian's Chromium. What the browser itself does against pages that reach for the user's machine is switched off: it
 * is the hub that is to be tested, and other browsers have none of it. Pages of `trusted` may have service workers.
 */
export const launchChromium = async (
  stage: Stage,
  trusted: string,
  log: (line: string) => void,
): Promise<Browser> => {
  const browser = await chromium.launch({
    executablePath: program('chromium', log),
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-popup-blocking',
      '--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets,BlockInsecurePrivateNetworkRequests',
      `--unsafely-treat-insecure-origin-as-secure=${trusted}`,
      `--host-resolver-rules=${rules}`,
    ],
  });
  stage.onClose(() => browser.close());
  return browser;
};
