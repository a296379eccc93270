import { artifactSteps, defined } from '@agentmix/act-core';
import type { ArtifactStore, Changes, NotUploaded, Upload, WrappedKey } from '@agentmix/act-core';
import type { ArtifactRow, ProjectRows } from './rows.ts';

type Projects = ReadonlyMap<string, ProjectRows>;

const NO_KEY: WrappedKey = { keyId: '', wrapped: new Uint8Array() };

const isSame = (a: WrappedKey, b: WrappedKey): boolean =>
  a.keyId === b.keyId && Buffer.compare(Buffer.from(a.wrapped), Buffer.from(b.wrapped)) === 0;

/** Files that a commit stores, and of which no complete upload has their size and hash. */
export const notUploaded = (rows: ProjectRows | undefined, changes: Changes): NotUploaded[] =>
  artifactSteps(changes)
    .stored.filter(({ data }) => {
      const row = rows?.artifacts.get(data.artifactId);
      return row?.status !== 'uploaded' || row.bytes !== data.bytes || row.sha256 !== data.sha256;
    })
    .map(({ data: { artifactId, sha256 } }) => ({ artifactId, sha256 }));

/** Rows of files; without its key what is left of a deleted one is noise, until it is swept. */
export const writeArtifactRows = ({ artifacts }: ProjectRows, changes: Changes, at: number): void => {
  const { stored, deleted } = artifactSteps(changes);
  for (const { agentId, data } of stored) {
    const { artifactId, name, mediaType, taskId } = data;
    const row = artifacts.get(artifactId);
    if (row)
      Object.assign(row, {
        status: 'stored',
        name,
        mediaType,
        ...defined({ agentId, taskId }),
        createdAt: at,
      });
  }
  for (const id of deleted) {
    const row = artifacts.get(id);
    if (row) Object.assign(row, { status: 'deleted', key: NO_KEY });
  }
};

const upload = (projects: Projects, { projectId, artifactId, number }: Upload): ArtifactRow | undefined => {
  const row = projects.get(projectId)?.artifacts.get(artifactId);
  return row?.status === 'uploading' && row.upload === number ? row : undefined;
};

const visible = (projects: Projects, projectId: string, artifactId: string): ArtifactRow | undefined => {
  const row = projects.get(projectId)?.artifacts.get(artifactId);
  return row?.status === 'stored' ? row : undefined;
};

const sweep = (projects: Projects, before: number, limit: number): number => {
  let swept = 0;
  for (const { artifacts } of projects.values()) {
    for (const { id, status, touchedAt } of artifacts.values()) {
      if (status === 'stored' || (status !== 'deleted' && touchedAt > before) || swept >= limit) continue;
      artifacts.delete(id);
      swept++;
    }
  }
  return swept;
};

export const makeArtifacts = (projects: Projects, clock: () => number): ArtifactStore => {
  let uploads = 0;
  return {
    begin: async ({ projectId, artifactId, bytes, bytesMax, key }) => {
      const artifacts = projects.get(projectId)?.artifacts;
      if (!artifacts) throw new Error(`no project ${projectId}`);
      if (artifacts.get(artifactId)?.status === 'stored') return { outcome: 'stored' };
      const others = [...artifacts.values()].filter(
        ({ id, status }) => id !== artifactId && status !== 'deleted',
      );
      const taken = others.reduce((sum, row) => sum + row.bytes, 0);
      if (taken + bytes > bytesMax) return { outcome: 'full', bytes: taken };
      const number = ++uploads;
      const row = { id: artifactId, upload: number, bytes, key, chunks: [], touchedAt: clock() };
      artifacts.set(artifactId, { ...row, status: 'uploading' });
      return { outcome: 'begun', upload: { projectId, artifactId, number } };
    },
    append: async (one, first, chunks) => {
      const row = upload(projects, one);
      if (!row) return false;
      row.chunks.splice(first, chunks.length, ...chunks.map((chunk) => Uint8Array.from(chunk)));
      row.touchedAt = clock();
      return true;
    },
    finish: async (one, sha256) => {
      const row = upload(projects, one);
      if (!row) return false;
      Object.assign(row, { status: 'uploaded', sha256, touchedAt: clock() });
      return true;
    },
    find: async (projectId, artifactId) => {
      const row = visible(projects, projectId, artifactId);
      if (!row) return undefined;
      const { bytes, key, sha256 = '', name = '', mediaType = '' } = row;
      return { bytes, sha256, name, mediaType, key };
    },
    read: async (projectId, artifactId, first, limit) =>
      visible(projects, projectId, artifactId)?.chunks.slice(first, first + limit) ?? [],
    sweep: async (idleMs, limit) => sweep(projects, clock() - idleMs, limit),
    keysToRewrap: async (projectId, currentKeyId, after = '', limit) =>
      [...(projects.get(projectId)?.artifacts.values() ?? [])]
        .filter(({ id, status, key }) => status !== 'deleted' && key.keyId !== currentKeyId && id > after)
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit)
        .map(({ id, key }) => ({ artifactId: id, key })),
    replaceKey: async (projectId, artifactId, before, after) => {
      const row = projects.get(projectId)?.artifacts.get(artifactId);
      if (!row || row.status === 'deleted' || !isSame(row.key, before)) return false;
      row.key = after;
      return true;
    },
  };
};
