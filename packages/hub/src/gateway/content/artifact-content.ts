import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  ARTIFACT_BYTES_MAX,
  ARTIFACT_CONTENT_PATH,
  ArtifactId,
  artifactDownload,
  artifactUpload,
  OCTET_STREAM,
  refusal,
  Uuid,
} from '@agentmix/act-contract';
import type { Refusal, Uploaded } from '@agentmix/act-contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Moved, OpenedArtifact, Vault } from '../../app/artifacts/vault.ts';
import type { Metrics } from '../../observe/metrics.ts';
import { bearerOf } from '../bearer.ts';
import type { Calls } from '../calls.ts';
import { sendProblem } from '../problem.ts';

/** A connection on which nothing moves for this long, in either direction, is cut. */
const SILENCE_MS_MAX = 30_000;
/** How long what is left of a refused upload is read and thrown away, so that its sender sees the refusal. */
const LINGER_MS_MAX = 5_000;

const refused = (value: Refusal): { ok: false; refusal: Refusal } => ({ ok: false, refusal: value });
const invalid = (field: string, message: string): { ok: false; refusal: Refusal } =>
  refused(refusal('invalid_input', `${field}: ${message}`, { fields: [{ field, message }] }));

const placeOf = (request: FastifyRequest): Moved<{ projectId: string; artifactId: string }> => {
  const { projectId, artifactId } = request.params as { projectId: string; artifactId: string };
  if (!Uuid.safeParse(projectId).success) return invalid('projectId', 'must be a UUID');
  const id = ArtifactId.safeParse(artifactId);
  if (!id.success) return invalid('artifactId', 'must be a UUID');
  return { ok: true, value: { projectId: projectId.toLowerCase(), artifactId: id.data } };
};

const lengthOf = ({ headers }: FastifyRequest): Moved<number> => {
  const text = headers['content-length'];
  if (text === undefined || !/^\d{1,15}$/.test(text)) return refused(refusal('length_required'));
  const bytes = Number(text);
  return bytes > ARTIFACT_BYTES_MAX
    ? refused(refusal('payload_too_large', `at most ${ARTIFACT_BYTES_MAX} bytes`))
    : { ok: true, value: bytes };
};

/** Leaves the connection open when reading ends early: the refusal goes out on it. */
const bytesOf = (request: IncomingMessage): AsyncIterable<Buffer> =>
  request.iterator({ destroyOnReturn: false });

const receive = async (calls: Calls, request: FastifyRequest): Promise<Moved<Uploaded>> => {
  const place = placeOf(request);
  if (!place.ok) return place;
  const length = lengthOf(request);
  if (!length.ok) return length;
  const { raw } = request;
  const { projectId, artifactId } = place.value;
  raw.setTimeout(SILENCE_MS_MAX);
  const upload = (vault: Vault): Promise<Moved<Uploaded>> =>
    vault.upload(projectId, artifactId, length.value, bytesOf(raw));
  return calls.move(bearerOf(request), artifactUpload, projectId, upload, () => raw.destroy());
};

/** Throws away what is left of a body; a sender that never ends is cut. */
const linger = ({ raw }: FastifyRequest): void => {
  raw.resume();
  const cut = setTimeout(() => raw.destroy(), LINGER_MS_MAX);
  raw.once('end', () => clearTimeout(cut));
  raw.once('close', () => clearTimeout(cut));
};

/** RFC 8187. The name holds no path and no controls by the contract; percent-encoded it cannot end the header either. */
const dispositionOf = (name: string): string =>
  `attachment; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, (one) => `%${one.charCodeAt(0).toString(16)}`)}`;

/**
 * Whatever the file is, a browser gets bytes to save and not a page of this origin: the type is fixed, sniffing is
 * off, and were it shown all the same, it would be in a sandbox.
 */
const headersOf = ({ bytes, sha256, name }: OpenedArtifact): Record<string, string> => ({
  'content-type': OCTET_STREAM,
  'content-length': String(bytes),
  'content-disposition': dispositionOf(name),
  // RFC 9530.
  'repr-digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`,
  'x-content-type-options': 'nosniff',
  'content-security-policy': "sandbox; default-src 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'private, no-store',
});

/** The response is destroyed when the content fails: its reader sees fewer bytes than content-length told. */
const send = async (response: ServerResponse, file: OpenedArtifact): Promise<void> => {
  response.setTimeout(SILENCE_MS_MAX);
  response.writeHead(200, headersOf(file));
  await pipeline(Readable.from(file.content, { objectMode: false }), response);
};

/**
 * The two calls that carry bytes: PUT and GET …/artifacts/{artifactId}/content. Both move no faster than the slower
 * side. What roles may call them stands in the contract beside their names.
 */
export const addArtifactContent = (app: FastifyInstance, calls: Calls, metrics: Metrics): void => {
  const url = `/v1${ARTIFACT_CONTENT_PATH.replace(/\{(\w+)\}/g, ':$1')}`;
  const measure = (name: string, started: number, code: string): void =>
    metrics.onRequest('rest', name, code, (performance.now() - started) / 1_000);

  void app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    // The body is left in the socket, to be read as fast as it can be written.
    scope.addContentTypeParser(OCTET_STREAM, (_request, _payload, parsed) => parsed(null));
    scope.route({
      method: artifactUpload.method,
      url,
      bodyLimit: ARTIFACT_BYTES_MAX,
      config: { streamsBody: true },
      handler: async (request, reply): Promise<FastifyReply> => {
        const started = performance.now();
        try {
          const received = await receive(calls, request);
          measure(artifactUpload.name, started, received.ok ? 'ok' : received.refusal.code);
          if (received.ok) return reply.send(received.value);
          if (!request.raw.readableEnded) linger(request);
          return sendProblem(reply, received.refusal);
        } catch (error) {
          if (!request.raw.errored) throw error;
          // Broken off: nobody is there to be answered.
          measure(artifactUpload.name, started, 'gone');
          return reply.hijack();
        }
      },
    });
    scope.route({
      method: artifactDownload.method,
      url,
      exposeHeadRoute: false,
      handler: async (request, reply): Promise<FastifyReply> => {
        const started = performance.now();
        const place = placeOf(request);
        if (!place.ok) return sendProblem(reply, place.refusal);
        const { projectId, artifactId } = place.value;
        const response = reply.raw;
        try {
          const download = (vault: Vault): Promise<Moved<undefined>> =>
            vault.download(projectId, artifactId, (file) => send(response, file));
          const cut = (): void => void response.destroy();
          const sent = await calls.move(bearerOf(request), artifactDownload, projectId, download, cut);
          measure(artifactDownload.name, started, sent.ok ? 'ok' : sent.refusal.code);
          if (!sent.ok && !response.headersSent) return sendProblem(reply, sent.refusal);
        } catch (error) {
          if (!response.headersSent) throw error;
          measure(artifactDownload.name, started, 'gone');
        }
        return reply.hijack();
      },
    });
    done();
  });
};
