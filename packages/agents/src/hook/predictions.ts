import { rmSync } from 'node:fs';
import type { Prediction } from '@agentmix/act-contract';
import { callHub } from './call-hub.ts';
import { keep, readKept } from './kept-file.ts';
import type { HookContext } from './moments.ts';
import { predictionsText } from './texts.ts';

/** As many as the hub tells at once. */
const PAGE_ITEMS = 500;

/** Where a hook keeps what its agent was told, beside the session. */
const toldFile = (sessionFile: string): string => sessionFile.replace(/json$/, 'predictions');

/** Of a session that is over, or that has forgotten what it was told. */
export const forgetPredictions = (sessionFile: string): void =>
  rmSync(toldFile(sessionFile), { force: true });

/**
 * The conflicts of the agent’s worktree with those of others, each once while it stands, and once that it is gone. As
 * text for the agent; undefined when there is nothing new.
 */
export const deliverPredictions = async ({
  hub,
  sessionFile,
  reporter,
  isHeard,
}: HookContext): Promise<string | undefined> => {
  if (!isHeard) return undefined;
  // Everyone who works in the tree is told, not only the agent that it is reported for.
  const agentId = reporter();
  const standing = await callHub(hub, 'prediction.list', { agentId, limit: PAGE_ITEMS });
  if (!standing.ok) return undefined;
  const { items, next = Infinity } = standing.value;
  const kept = readKept(toldFile(sessionFile));
  const told = Array.isArray(kept) ? (kept as readonly Prediction[]) : [];
  const isIn = (list: readonly Prediction[], { seq }: Prediction): boolean =>
    list.some((one) => one.seq === seq);
  const fresh = items.filter((one) => !isIn(told, one));
  // Whether those stand that the hub did not come to is not known.
  const gone = told.filter((one) => one.seq <= next && !isIn(items, one));
  if (fresh.length + gone.length === 0) return undefined;
  keep(toldFile(sessionFile), [...told.filter((one) => !isIn(gone, one)), ...fresh]);
  return predictionsText(agentId, fresh, gone);
};
