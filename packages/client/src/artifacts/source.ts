/** What a file’s bytes come from: a path on this machine, bytes in memory, or a stream, which can be read only once. */
export type ArtifactSource = string | Uint8Array | AsyncIterable<Uint8Array>;

/** A source that can be sent: how many bytes it has, and from where they come, anew each time if it can be repeated. */
export interface OpenedSource {
  readonly bytes: number;
  readonly isRepeatable: boolean;
  /** The last part of the path, if it is one. */
  readonly name?: string;
  read(): AsyncIterable<Uint8Array>;
}

const openPath = async (path: string): Promise<OpenedSource> => {
  const [{ createReadStream }, { stat }, nodePath] = await Promise.all([
    import('node:fs'),
    import('node:fs/promises'),
    import('node:path'),
  ]);
  const { size } = await stat(path);
  return {
    bytes: size,
    isRepeatable: true,
    name: nodePath.basename(path),
    // A file that grows meanwhile is sent as long as it was announced to be.
    read: () => (size === 0 ? noBytes() : createReadStream(path, { end: size - 1 })),
  };
};

async function* noBytes(): AsyncGenerator<Uint8Array> {}

async function* oneOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

/** Throws TypeError for a stream of unknown length: the hub has to be told how much will come. */
export const openSource = async (
  source: ArtifactSource,
  bytes: number | undefined,
): Promise<OpenedSource> => {
  if (typeof source === 'string') return openPath(source);
  if (source instanceof Uint8Array)
    return { bytes: source.length, isRepeatable: true, read: () => oneOf(source) };
  if (bytes === undefined) throw new TypeError('a stream’s length must be given as bytes');
  return { bytes, isRepeatable: false, read: () => source };
};
