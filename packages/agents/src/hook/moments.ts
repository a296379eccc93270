import type { Moment, Happening, Reply } from '../happening.ts';
import { callHub } from './call-hub.ts';
import type { HubAccess } from './call-hub.ts';
import { openSession, speak } from './kept-session.ts';
import type { Identity } from './kept-session.ts';
import { deliverMail } from './mail.ts';
import type { Place } from './place.ts';
import { deliverPredictions, forgetPredictions } from './predictions.ts';
import { projectFiles } from './read-edits.ts';
import { reserve } from './reserve.ts';
import { START_MAIL_TOKENS_MAX, startText, workText } from './texts.ts';

/** What every moment needs: the hub, who speaks, and where. */
export interface HookContext {
  readonly hub: HubAccess;
  readonly identity: Identity;
  /** File of the kept session. */
  readonly sessionFile: string;
  readonly place: Place;
  /** The agent that this working tree is reported for: the one its watcher came with, or who speaks. */
  readonly reporter: () => string;
  /** Whether the agent will read what is answered. */
  readonly isHeard: boolean;
}

type Handle = (context: HookContext, happening: Happening) => Promise<Reply>;

const join = (...texts: readonly (string | undefined)[]): string | undefined => {
  const there = texts.filter((text) => text !== undefined && text !== '');
  return there.length === 0 ? undefined : there.join('\n\n');
};

const asContext = (...texts: readonly (string | undefined)[]): Reply => {
  const context = join(...texts);
  return context === undefined ? {} : { context };
};

export const briefingOf = async ({ hub, identity: { agentId } }: HookContext) => {
  const briefing = await callHub(hub, 'agent.briefing', { agentId });
  if (!briefing.ok) throw new Error(`no briefing for ${agentId}: ${briefing.code} ${briefing.detail}`);
  return briefing.value;
};

const start: Handle = async (context) => {
  await openSession(context.hub, context.identity, context.sessionFile);
  const briefing = await briefingOf(context);
  const mail = await deliverMail(context, briefing.unread.messages, START_MAIL_TOKENS_MAX);
  // There is no room for predictions here: the next moment tells those that stand.
  forgetPredictions(context.sessionFile);
  return asContext(startText(context, briefing, mail), mail);
};

/** Tells the hub what was changed and the agent what is urgent, all at once. */
const afterEdit: Handle = async (context, { cwd, edits }) => {
  const { hub, identity, sessionFile, place } = context;
  const { files } = projectFiles(place, cwd, edits);
  if (files.length === 0) return {};
  const changes = files.map(({ path, edit }) => ({ path, kind: edit.kind }));
  const [, ...urgent] = await Promise.all([
    speak(hub, identity, sessionFile, (sessionId) => callHub(hub, 'file.report', { sessionId, changes })),
    ...urgentNews(context),
  ]);
  return asContext(...urgent);
};

export const urgentMail = async (context: HookContext): Promise<string | undefined> => {
  const { hub, identity } = context;
  // The newest: older ones that can wait stay unread, however many there are, and would hide what came since.
  const asked = { agentId: identity.agentId, unread: true, newestFirst: true, limit: 50 };
  const inbox = await callHub(hub, 'message.list', asked);
  if (!inbox.ok) return undefined;
  const urgent = inbox.value.items
    .filter(({ urgency }) => urgency === 'high' || urgency === 'critical')
    .toReversed();
  return deliverMail(context, urgent);
};

/** What does not wait until the agent asks. */
const urgentNews = (context: HookContext): Promise<string | undefined>[] => [
  urgentMail(context),
  deliverPredictions(context),
];

const prompt: Handle = async (context) => asContext(...(await Promise.all(urgentNews(context))));

/** Whether the agent completed a task here: one that only answers its user's questions is not drawn into the plan. */
export const hasWorked = async ({ hub, identity: { agentId } }: HookContext): Promise<boolean> => {
  const history = await callHub(hub, 'event.list', { agentId, type: 'task.completed', limit: 1 });
  return history.ok && history.value.items.length > 0;
};

/** Before an agent stops it gets its mail, and where it already completed work here, what else is ready. */
const stop: Handle = async (context, { isContinuing }) => {
  if (isContinuing) return {};
  const [briefing, isWorker, predictions] = await Promise.all([
    briefingOf(context),
    hasWorked(context),
    deliverPredictions(context),
  ]);
  const mail = await deliverMail(context, briefing.unread.messages);
  const goOn = join(mail, predictions, isWorker ? workText(briefing) : undefined);
  return goOn === undefined ? {} : { goOn };
};

/** What the hook does at each moment that has an answer at once. */
export const handlers: { readonly [M in Exclude<Moment, 'idle' | 'end'>]: Handle } = {
  start,
  'before-edit': reserve,
  'after-edit': afterEdit,
  prompt,
  stop,
};
