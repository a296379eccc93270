import type { ActEvent } from '@agentmix/act-client';
import { printable } from '../terminal/printable.ts';
import type { Style, StyleName } from '../terminal/style.ts';
import { clockText } from '../terminal/time.ts';
import { fit, padEnd } from '../terminal/width.ts';

const AGENT_COLUMNS = 12;

const colourOf = (event: ActEvent): StyleName | undefined => {
  switch (event.priority) {
    case 'low':
      return 'dim';
    case 'high':
      return 'yellow';
    case 'critical':
      return 'red';
    case 'medium':
      return event.type === 'task.completed' ? 'green' : undefined;
  }
};

/** One event as one line: time, seq, who, what. */
export const eventLine = (event: ActEvent, words: string, style: Style): string => {
  const colour = colourOf(event);
  const agent = padEnd(fit(printable(event.agentId ?? '·'), AGENT_COLUMNS), AGENT_COLUMNS);
  const what = colour === undefined ? words : style[colour](words);
  return `${style.dim(clockText(event.timestamp))} ${style.dim(String(event.seq).padStart(5))} ${style.bold(agent)} ${what}`;
};
