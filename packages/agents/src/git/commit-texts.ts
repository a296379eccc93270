import type { Reservation } from '@agentmix/act-contract';
import { holderText, placeText } from '../hook/edit-texts.ts';
import type { InTheWay } from './in-the-way.ts';

const SHOWN_MAX = 8;

const shown = (reservations: readonly Reservation[], line: (one: Reservation) => string): string[] => [
  ...reservations.slice(0, SHOWN_MAX).map(line),
  ...(reservations.length > SHOWN_MAX ? [`… and ${reservations.length - SHOWN_MAX} more`] : []),
];

/** What whoever commits is told; nothing where nobody else is in the files. */
export const commitText = ({ refusing, near }: InTheWay): string | undefined => {
  const refused = [
    'act: the commit was not made: it changes lines that another agent has reserved.',
    ...shown(refusing, (one) => `  ${holderText(one, 0)}`),
    'It passes when they are released or committed; git commit --no-verify makes it all the same.',
  ];
  const warned = [
    'act: others have reserved something in the files of this commit:',
    ...shown(near, (one) => `  ${one.agentId}: ${placeText(one)}`),
  ];
  const lines = [...(refusing.length > 0 ? refused : []), ...(near.length > 0 ? warned : [])];
  return lines.length === 0 ? undefined : lines.join('\n');
};
