import type { Changes, RetentionStore } from '@agentmix/act-core';
import type { MemberRow, MessageRow, ProjectRows } from './rows.ts';

/** Whether a message was sent by the member, or by or to its agent while it was one. */
export const isMessageOf =
  ({ id, agentId, removedAt }: MemberRow): ((message: MessageRow) => boolean) =>
  ({ senderMemberId, senderAgentId, recipientAgentId, at }) =>
    senderMemberId === id ||
    (agentId !== undefined &&
      (senderAgentId === agentId || recipientAgentId === agentId) &&
      at <= (removedAt ?? at));

const eraseContent = (message: MessageRow, at: number): void => {
  message.contentJson = 'null';
  message.erasedAt ??= at;
};

/** Forgets names and contents of messages of erased members; after all other rows of the batch. */
export const writeErasures = (rows: ProjectRows, { erased }: Changes, at: number): void => {
  for (const id of erased) {
    rows.people.delete(id);
    rows.erasedAt.set(id, at);
    const member = rows.members.get(id);
    const isOf = member ? isMessageOf(member) : ({ senderMemberId }: MessageRow) => senderMemberId === id;
    for (const message of rows.messages.values()) if (isOf(message)) eraseContent(message, at);
  }
};

export const makeRetentionStore = (
  projects: ReadonlyMap<string, ProjectRows>,
  clock: () => number,
): RetentionStore => ({
  eraseReadMessages: async (before) => {
    let erased = 0;
    for (const { messages } of projects.values())
      for (const message of messages.values()) {
        if ((message.readAt ?? before) >= before || message.erasedAt !== undefined) continue;
        eraseContent(message, clock());
        erased++;
      }
    return erased;
  },
  trimHistory: async (before) => {
    let trimmed = 0;
    for (const rows of projects.values()) {
      const upto = rows.log.findLast(({ at }) => at < before)?.lastSeq ?? 0;
      trimmed += Math.max(0, upto - rows.forgottenSeq);
      rows.forgottenSeq = Math.max(upto, rows.forgottenSeq);
    }
    return trimmed;
  },
});
