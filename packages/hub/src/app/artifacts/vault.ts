import { randomBytes } from 'node:crypto';
import { refusal } from '@agentmix/act-contract';
import type { CommandOutput, Refusal, Uploaded } from '@agentmix/act-contract';
import { KeyRefused, StoreUnavailable } from '@agentmix/act-core';
import type { ArtifactStore, KeyProvider, ProjectState, SealedArtifact } from '@agentmix/act-core';
import { unwrapFor, wrapFor } from './master-key.ts';
import { readContent } from './read-content.ts';
import { rewrapKeys } from './rewrap-keys.ts';
import { ChunkDamaged, DATA_KEY_BYTES } from './sealed-chunk.ts';
import { writeContent } from './write-content.ts';

/** Uploads and downloads under way at once: half a megabyte of memory each. */
export const TRANSFERS_MAX = 64;
/** An upload that nobody goes on with, or does not store, is forgotten after this long. */
const ABANDONED_MS = 3_600_000;
const SWEPT_MAX = 100;

export interface VaultEnvironment {
  readonly store: ArtifactStore;
  readonly keys: KeyProvider;
  /** What it has to know of a project; undefined when there is no such project. */
  readonly stateOf: (projectId: string) => Promise<Pick<ProjectState, 'status' | 'settings'> | undefined>;
  readonly log: (message: string, fields: Record<string, unknown>) => void;
}

export type Moved<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal };

/** A file ready to be sent, its first chunk authenticated. `content` throws where what follows is damaged. */
export interface OpenedArtifact extends Pick<SealedArtifact, 'bytes' | 'sha256' | 'name'> {
  readonly content: AsyncIterable<Buffer>;
}

const refused = (value: Refusal): { ok: false; refusal: Refusal } => ({ ok: false, refusal: value });
const later = (code: 'overloaded' | 'unavailable', detail: string): { ok: false; refusal: Refusal } =>
  refused({ code, detail, data: { retryAfter: 1 } });
const noProject = (projectId: string): { ok: false; refusal: Refusal } =>
  refused(refusal('project_not_found', `no project ${projectId}`));

/** Takes the first chunk, so that damage at the beginning is known before anything is sent. */
const begun = async (content: AsyncGenerator<Buffer>): Promise<AsyncGenerator<Buffer>> => {
  const first = await content.next();
  return (async function* rest() {
    if (!first.done) yield first.value;
    yield* content;
  })();
};

/**
 * Files that agents hand over: encrypted on their way into the store and decrypted on their way out, never whole in
 * memory and never on a disk as they are. What is visible is decided by the project’s lane; this only moves bytes.
 */
export class Vault {
  readonly #env: VaultEnvironment;
  #transfers = 0;

  constructor(env: VaultEnvironment) {
    this.#env = env;
  }

  /** Receives a file’s bytes. Nothing of it is visible until artifact.store. Rejects with the source’s error. */
  upload(
    projectId: string,
    artifactId: string,
    bytes: number,
    source: AsyncIterable<Uint8Array>,
  ): Promise<Moved<Uploaded>> {
    return this.#transfer(async () => {
      const state = await this.#env.stateOf(projectId);
      if (!state) return noProject(projectId);
      if (state.status === 'archived') return refused(refusal('project_archived'));
      const { store, keys } = this.#env;
      const { artifactBytesMax: bytesMax } = state.settings;
      const dataKey = randomBytes(DATA_KEY_BYTES);
      const key = await wrapFor(keys, projectId, artifactId, dataKey);
      const opened = await store.begin({ projectId, artifactId, bytes, bytesMax, key });
      if (opened.outcome === 'stored')
        return refused(refusal('duplicate_id', 'a file is stored under this id'));
      if (opened.outcome === 'full') {
        const detail = `${opened.bytes} of ${bytesMax} bytes are taken`;
        return refused(refusal('limit_reached', detail, { artifactBytesMax: bytesMax, bytes: opened.bytes }));
      }
      const written = await writeContent(store, opened.upload, dataKey, source, bytes);
      if (written.outcome === 'over') return refused(refusal('upload_superseded'));
      if (written.outcome === 'wrong_length')
        return refused(refusal('malformed_body', 'the body is shorter or longer than announced'));
      return { ok: true, value: { artifactId, bytes, sha256: written.sha256 } };
    });
  }

  /** Opens a visible file and has it sent. A refusal may come after a part was sent: then the rest must not follow. */
  download(
    projectId: string,
    artifactId: string,
    send: (file: OpenedArtifact) => Promise<void>,
  ): Promise<Moved<undefined>> {
    return this.#transfer(async () => {
      const { store, keys, stateOf } = this.#env;
      const artifact = await store.find(projectId, artifactId);
      if (!artifact)
        return (await stateOf(projectId))
          ? refused(refusal('artifact_not_found', `no stored file ${artifactId}`))
          : noProject(projectId);
      try {
        const dataKey = await unwrapFor(keys, projectId, artifactId, artifact.key);
        const content = await begun(readContent(store, projectId, artifactId, artifact, dataKey));
        await send({ bytes: artifact.bytes, sha256: artifact.sha256, name: artifact.name, content });
        return { ok: true, value: undefined };
      } catch (error) {
        if (!(error instanceof ChunkDamaged || error instanceof KeyRefused)) throw error;
        this.#env.log('a stored file is damaged', { projectId, artifactId, reason: error.message });
        return refused(refusal('artifact_damaged'));
      }
    });
  }

  /** See artifact.rewrap. */
  rewrap(projectId: string, after: string | undefined): Promise<Moved<CommandOutput<'artifact.rewrap'>>> {
    return this.#answering(async () => {
      const { store, keys, stateOf } = this.#env;
      if (!(await stateOf(projectId))) return noProject(projectId);
      return { ok: true, value: await rewrapKeys(store, keys, projectId, after) };
    });
  }

  /** Forgets deleted files and abandoned uploads, a bounded number at a time. */
  async sweep(): Promise<void> {
    await this.#env.store.sweep(ABANDONED_MS, SWEPT_MAX);
  }

  async #transfer<T>(work: () => Promise<Moved<T>>): Promise<Moved<T>> {
    if (this.#transfers >= TRANSFERS_MAX) return later('overloaded', `${TRANSFERS_MAX} files are under way`);
    this.#transfers++;
    try {
      return await this.#answering(work);
    } finally {
      this.#transfers--;
    }
  }

  async #answering<T>(work: () => Promise<Moved<T>>): Promise<Moved<T>> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof StoreUnavailable)
        return later('unavailable', 'the database or the master key does not answer');
      throw error;
    }
  }
}
