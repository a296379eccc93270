import { z } from 'zod';
import { command } from '../define.ts';
import * as s from '../scalars.ts';

export const privacyErase = command({
  name: 'privacy.erase',
  summary:
    'Erase a person: its name and the contents of messages by and to its agent; removes the member if it is still one',
  route: { method: 'POST', path: '/projects/{projectId}/members/{memberId}/erase' },
  role: 'admin',
  input: z.object({ memberId: s.MemberId }).strict(),
  output: z.object({}),
  refusals: ['last_owner'],
});
