import type { HubLogger } from '@agentmix/act-hub';
import { printable } from '../terminal/printable.ts';
import type { Style } from '../terminal/style.ts';
import { clockText } from '../terminal/time.ts';

const fieldText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** The hub's log as short lines for a person: time, message, fields; only what is wrong, the banner says the rest. */
export const makeTerminalLog = (style: Style, write: (line: string) => void): HubLogger => {
  const at =
    (paint: (text: string) => string) =>
    (fields: unknown, message?: unknown): void => {
      const texts = Object.entries(fields ?? {}).map(
        ([name, value]) => `${name}=${printable(fieldText(value))}`,
      );
      write(
        `${style.dim(clockText(new Date().toISOString()))} ${paint(String(message))} ${style.dim(texts.join(' '))}`,
      );
    };
  return { info: () => undefined, warn: at(style.yellow), error: at(style.red) };
};
