import { defined } from '@agentmix/act-core';
import { besidePart } from '../regions.ts';
import { told } from './told.ts';
import type { Handler } from './told.ts';

const OTHERS_SHOWN = 6;

export const reserve: Handler<'act_reserve'> = (speaker, input) =>
  speaker.inSession(async (sessionId) => {
    const asked = await speaker.command(
      'reservation.request',
      { sessionId, ...input, ...defined({ taskId: input.taskId, reason: input.reason }) },
      speaker.commandId,
    );
    if (!asked.ok) return asked;
    const { status, reservations, idleMs, others } = asked.value;
    const minutes = Math.floor(idleMs / 60_000);
    return told(
      status === 'granted'
        ? `Reserved until you are done with the task, or ask for nothing for ${minutes} minutes. Next: edit, commit, act_free.`
        : 'Queued: others have it now. Next: do something else, then the same act_reserve again to see whether it is yours.',
      defined({
        status,
        reserved: reservations.length,
        others: others.length || undefined,
      }),
      others.slice(0, OTHERS_SHOWN).map(besidePart),
    );
  });

export const free: Handler<'act_free'> = (speaker, { paths, committed }) =>
  speaker.inSession(async (sessionId) => {
    const input = { sessionId, committed, ...defined({ paths }) };
    const freed = await speaker.command('reservation.release', input, speaker.commandId);
    if (!freed.ok) return freed;
    const { released } = freed.value;
    return told(released > 0 ? 'Free for others. Next: go on.' : 'Nothing of yours was reserved there.', {
      released,
    });
  });
