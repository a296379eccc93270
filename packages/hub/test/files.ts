import { createHash } from 'node:crypto';
import { request as open } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { commandId } from './start-test-hub.ts';
import type { Answer } from './contract.ts';
import type { Door } from './door.ts';
import { answerOf, bearer, contentUrl } from './rest-door.ts';
import type { HubAddress } from './rest-door.ts';
import { httpRequest } from './http-request.ts';

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export interface Place {
  readonly projectId: string;
  readonly artifactId: string;
}

/** What artifact.store is told of a content. */
export const toldOf = (artifactId: string, content: Buffer) => ({
  artifactId,
  name: 'a.patch',
  bytes: content.length,
  sha256: sha256(content),
});

/** One PUT of a content with exactly these headers more. */
export const put = async (
  hub: HubAddress,
  { projectId, artifactId }: Place,
  content: Buffer,
  more: Record<string, string> = {},
): Promise<Answer> =>
  answerOf(
    await httpRequest(contentUrl(hub, projectId, artifactId), {
      method: 'PUT',
      headers: { ...bearer(hub), 'content-type': 'application/octet-stream', ...more },
      body: content,
    }),
  );

/** A PUT whose body the test writes itself. */
export const openPut = (hub: HubAddress, { projectId, artifactId }: Place, bytes: number): ClientRequest => {
  const headers = { ...bearer(hub), 'content-type': 'application/octet-stream', 'content-length': bytes };
  const request = open(contentUrl(hub, projectId, artifactId), { method: 'PUT', headers });
  // A connection that breaks is what the test is about.
  request.on('error', () => undefined);
  return request;
};

export const openGet = (hub: HubAddress, { projectId, artifactId }: Place): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const url = contentUrl(hub, projectId, artifactId);
    open(url, { headers: bearer(hub) }, resolve)
      .on('error', reject)
      .end();
  });

/** Everything that came, and whether it was all that was announced. */
export const receive = async (
  response: IncomingMessage,
): Promise<{ status: number; bytes: Buffer; isWhole: boolean }> => {
  const parts: Buffer[] = [];
  try {
    for await (const part of response) parts.push(part as Buffer);
  } catch {
    // Cut off.
  }
  return { status: response.statusCode ?? 0, bytes: Buffer.concat(parts), isWhole: response.complete };
};

/** Sends a content and makes it visible. */
export const storeFile = async (
  hub: HubAddress,
  door: Door,
  projectId: string,
  content: Buffer,
  more: object = {},
): Promise<Place> => {
  const place = { projectId, artifactId: commandId() };
  const sent = await put(hub, place, content);
  if (!sent.ok) throw new Error(JSON.stringify(sent.body));
  const stored = await door.command('artifact.store', projectId, {
    ...toldOf(place.artifactId, content),
    ...more,
  });
  if (!stored.ok) throw new Error(JSON.stringify(stored.body));
  return place;
};
