import { hash } from 'node:crypto';
import type { Sha256 } from '@agentmix/act-client';

/** Without a turn of the event loop for each record, as Web Crypto takes it. */
export const nodeSha256: Sha256 = (text) => hash('sha256', text, 'hex');
