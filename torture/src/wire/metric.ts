import type { Address } from './rest.ts';

/** A figure of the hub by its name; 0 where it has none of that name. */
export const metricOf = async ({ url, token }: Address, name: string): Promise<number> => {
  const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await answer.text())?.[1] ?? 0);
};
