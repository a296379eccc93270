import type { ServerResponse } from 'node:http';
import { refusal } from '@agentmix/act-contract';
import type { Frame, Refusal } from '@agentmix/act-contract';
import type { FakeHub, Seen } from './fake-hub.ts';
import type { FakeProject } from './fake-project.ts';

/** The text of one server-sent message. */
export const message = (event: string, data: unknown, id?: number): string =>
  `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;

export const frameMessage = (frame: Frame): string => message('frame', frame, frame.lastSeq);

/** Begins a stream’s response. */
export const beginStream = (response: ServerResponse, cursor: number, seq: number): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(message('open', { cursor, seq }));
};

/** Where a stream begins, or how it is refused. */
export const cursorRefusal = (project: FakeProject, cursor: number): Refusal | undefined => {
  if (cursor > project.seq) return refusal('cursor_in_future');
  if (cursor >= project.prunedSeq) return undefined;
  return refusal('cursor_too_old', undefined, { startSeq: project.prunedSeq, lastSeq: project.seq });
};

export const serveStream = (
  hub: FakeHub,
  project: FakeProject,
  seen: Seen,
  response: ServerResponse,
): void => {
  const asked = seen.lastEventId ?? seen.query['after'];
  const cursor = asked === undefined ? project.seq : Number(asked);
  const refused = cursorRefusal(project, cursor);
  if (refused) {
    hub.refuse(response, refused.code, { ...refused.data });
    return;
  }
  beginStream(response, cursor, project.seq);
  const send = (frame: Frame) => void response.write(frameMessage(frame));
  for (const frame of project.frames) if (frame.lastSeq > cursor) send(frame);
  project.watchers.add(send);
  response.on('close', () => project.watchers.delete(send));
};
