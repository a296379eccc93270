import { randomBytes } from 'node:crypto';
import type { KeyProvider } from '@agentmix/act-core';
import { makeAesGcmProvider } from '../src/access/key-provider/aes-gcm-provider.ts';
import { parseMasterKeys } from '../src/access/key-provider/master-keys.ts';

export const newMasterKey = (): string => randomBytes(32).toString('base64');

/** The hub’s own provider over these master keys, the first of which wraps. */
export const testKeys = (...masterKeys: string[]): KeyProvider =>
  makeAesGcmProvider(parseMasterKeys(masterKeys.length > 0 ? masterKeys.join() : newMasterKey(), 'the test'));
