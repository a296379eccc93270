import { bar } from './bar.ts';
import type { Style } from './style.ts';

/** Work shorter than this is over before a bar could be read. */
const SHOWN_AFTER_MS = 500;
const BAR_COLUMNS = 30;

export interface ProgressLine {
  show(done: number, total: number): void;
  clear(): void;
}

/** One line on stderr that is drawn over, on a terminal only. */
export const makeProgressLine = (label: string, style: Style): ProgressLine => {
  const startedAt = performance.now();
  let isShown = false;
  return {
    show(done, total) {
      if (!process.stderr.isTTY || (!isShown && performance.now() - startedAt < SHOWN_AFTER_MS)) return;
      isShown = true;
      const drawn = bar(
        [
          { value: done, mark: '█', paint: style.green },
          { value: total - done, mark: '░', paint: style.dim },
        ],
        BAR_COLUMNS,
        style,
      );
      process.stderr.write(`\r\u001b[K${label} ${drawn} ${done} of ${total}`);
    },
    clear() {
      if (isShown) process.stderr.write('\r\u001b[K');
    },
  };
};
