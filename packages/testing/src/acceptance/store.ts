import { afterAll, beforeAll, describe } from 'vitest';
import type { MakeStore, StoreUnderTest } from './driver.ts';
import { artifactSuites } from './store-artifacts.ts';
import { commitSuites } from './store-commits.ts';
import { leaseSuites } from './store-leases.ts';
import { logSuites } from './store-log.ts';
import { privacySuites } from './store-privacy.ts';
import { querySuites } from './store-queries.ts';
import { relaySuites } from './store-relays.ts';
import { textSuites } from './store-texts.ts';

export type { MakeStore, StoreUnderTest } from './driver.ts';

/**
 * What every Store promises, as tests: each adapter passes them unchanged. One store serves all of them, and may
 * already hold other projects. Time is advanced where the adapter can, and waited for where it is real.
 */
export const storeAcceptance = (name: string, makeStore: MakeStore): void => {
  describe(`${name} as a store`, () => {
    let made: StoreUnderTest | undefined;
    const under = (): StoreUnderTest => {
      if (!made) throw new Error('the store is not made yet');
      return made;
    };
    beforeAll(async () => {
      made = await makeStore();
    });
    afterAll(async () => {
      await made?.dispose();
    });
    commitSuites(under);
    leaseSuites(under);
    logSuites(under);
    privacySuites(under);
    querySuites(under);
    relaySuites(under);
    textSuites(under);
    artifactSuites(under);
  });
};
