import type { Session } from '../agent/session.ts';
import type { Hub } from '../hub.ts';
import type { SealedContext } from './context.ts';
import { pin } from './keyring.ts';
import type { Keyring } from './keyring.ts';
import { proofOf } from './keys.ts';
import { openSealed } from './open.ts';
import { sendSealed } from './send.ts';
import type { SealedCalls } from './types.ts';

export interface SealedCallsOptions {
  readonly hub: Hub;
  readonly projectId: string;
  readonly agentId: string;
  readonly session: Session;
  readonly keyring: Keyring | undefined;
}

/** Publishing keys, sealing, opening, and accepting other keys of others. */
export const makeSealedCalls = (options: SealedCallsOptions): SealedCalls => {
  const { hub, agentId, session, keyring } = options;
  const projectId = options.projectId.toLowerCase();
  const contextFor = (what: string): SealedContext => {
    if (!keyring) throw new Error(`${what}: give the agent a keyring`);
    return { hub, projectId, agentId, keyring };
  };
  return {
    async publishKeys(callOptions) {
      const { secrets } = contextFor('publishKeys').keyring;
      const { sealingKey, signingKey } = secrets;
      const proof = await proofOf(projectId, agentId, secrets);
      return session.command(
        'agent.publish_keys',
        (sessionId) => ({ sessionId, sealingKey, signingKey, proof }),
        callOptions,
      );
    },
    async sendSealed(to, draft, callOptions = {}) {
      return sendSealed(contextFor('sendSealed'), session, to, draft, callOptions);
    },
    async openSealed(message, callOptions = {}) {
      return openSealed(contextFor('openSealed'), message, callOptions);
    },
    async acceptKeys(of, keys) {
      const { keyring: own } = contextFor('acceptKeys');
      pin(own, projectId, of, keys);
      await own.save?.();
    },
  };
};
