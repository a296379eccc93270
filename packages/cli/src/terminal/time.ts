const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** A length of time in at most two units: 850 ms, 12 s, 3 min, 2 h 5 min, 4 d. */
export const spanText = (ms: number): string => {
  const whole = Math.max(0, Math.round(ms));
  if (whole < SECOND_MS) return `${whole} ms`;
  if (whole < MINUTE_MS) return `${Math.floor(whole / SECOND_MS)} s`;
  if (whole < HOUR_MS) return `${Math.floor(whole / MINUTE_MS)} min`;
  if (whole >= DAY_MS) return `${Math.floor(whole / DAY_MS)} d`;
  const minutes = Math.floor((whole % HOUR_MS) / MINUTE_MS);
  return `${Math.floor(whole / HOUR_MS)} h${minutes === 0 ? '' : ` ${minutes} min`}`;
};

const two = (value: number): string => String(value).padStart(2, '0');

/** Local time of day. */
export const clockText = (iso: string): string => {
  const at = new Date(iso);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
};
