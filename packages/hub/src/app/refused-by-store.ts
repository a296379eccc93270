import type { RefusalCode } from '@agentmix/act-contract';
import type { CommitOutcome, LaneCommand } from '@agentmix/act-core';

export interface RefusedByStore {
  readonly code: RefusalCode;
  readonly concerns: (command: LaneCommand) => boolean;
}

/** What only the store can judge, leases and uploads: which commands of a batch it refused; the others are decided anew. */
export const refusedByStore = (outcome: CommitOutcome): RefusedByStore | undefined => {
  switch (outcome.outcome) {
    case 'lease_live': {
      const live = new Set(outcome.sessionIds);
      const concerns = ({ name, input }: LaneCommand): boolean =>
        name === 'session.expire' && live.has(input.sessionId);
      return { code: 'lease_live', concerns };
    }
    case 'not_uploaded': {
      const missing = new Set(outcome.artifacts.map(({ artifactId, sha256 }) => `${artifactId} ${sha256}`));
      const concerns = ({ name, input }: LaneCommand): boolean =>
        name === 'artifact.store' && missing.has(`${input.artifactId} ${input.sha256}`);
      return { code: 'artifact_not_uploaded', concerns };
    }
    case 'committed':
    case 'stale':
      return undefined;
  }
};
