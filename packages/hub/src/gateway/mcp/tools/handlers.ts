import type { ToolName } from '@agentmix/act-contract';
import { complete, progress, release } from './hold.ts';
import { inbox, message } from './mail.ts';
import { next } from './next.ts';
import { plan } from './plan.ts';
import { free, reserve } from './reserve.ts';
import { status } from './status.ts';
import type { Handler } from './told.ts';

export const handlers: { readonly [N in ToolName]: Handler<N> } = {
  act_next: next,
  act_progress: progress,
  act_complete: complete,
  act_release: release,
  act_status: status,
  act_message: message,
  act_inbox: inbox,
  act_reserve: reserve,
  act_free: free,
  act_plan: plan,
};
