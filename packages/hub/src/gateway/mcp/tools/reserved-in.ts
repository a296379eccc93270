import { compileGlob, globsMeet, PAGE_ITEMS_MAX, RESERVATIONS_MAX } from '@agentmix/act-contract';
import type { Reservation } from '@agentmix/act-contract';
import type { Result, Speaker } from '../speaker.ts';

const PAGES_MAX = RESERVATIONS_MAX / PAGE_ITEMS_MAX;

/** What other agents have reserved, or wait for, in some files; these may be patterns. */
export const reservedIn = async (
  { agentId, query }: Speaker,
  filePaths: readonly string[],
): Promise<Result<readonly Reservation[]>> => {
  if (filePaths.length === 0) return { ok: true, value: [] };
  const fits = filePaths.map(compileGlob);
  const meets = ({ path, pattern = '' }: Reservation): boolean =>
    path === undefined
      ? filePaths.some((own) => globsMeet(own, pattern))
      : filePaths.includes(path) || fits.some((matches) => matches(path));
  const found: Reservation[] = [];
  let after: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const listed = await query('reservation.list', {
      limit: PAGE_ITEMS_MAX,
      ...(after === undefined ? {} : { after }),
    });
    if (!listed.ok) return listed;
    found.push(...listed.value.items.filter((one) => one.agentId !== agentId && meets(one)));
    after = listed.value.next;
    if (after === undefined) break;
  }
  return { ok: true, value: found };
};
