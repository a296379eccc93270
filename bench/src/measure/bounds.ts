/** A figure and the most it may be. */
export interface Bound {
  figure: string;
  value: number;
  max: number;
}

export interface Judged {
  bounds: (Bound & { ok: boolean })[];
  ok: boolean;
}

/** Says of each figure whether it keeps its bound; one that is not a number does not. */
export function judge(bounds: readonly Bound[]): Judged {
  const judged = bounds.map((bound) => ({ ...bound, ok: bound.value <= bound.max }));
  return { bounds: judged, ok: judged.every(({ ok }) => ok) };
}

/** One line per bound, for people. */
export function formatBounds({ bounds }: Judged): string {
  return bounds
    .map(
      ({ figure, value, max, ok }) => `${ok ? 'ok    ' : 'MISSED'}  ${figure} ${value.toFixed(3)} ≤ ${max}`,
    )
    .join('\n');
}
