import { compileGlob, FILE_CHANGES_MAX } from '@agentmix/act-contract';
import type { ActEvent } from '@agentmix/act-contract';
import type { CallOptions } from '../call-hub.ts';
import { ActRefused } from '../errors.ts';
import type { Hub } from '../hub.ts';
import type { Result } from '../result.ts';
import type { Session } from './session.ts';
import type { ActAgent, FileChange, FileEvent } from './types.ts';

export interface FileCalls extends Pick<ActAgent, 'watchFiles' | 'reportFileChange'> {
  /** Registers the patterns still watched for a session opened anew. */
  watchAgain(): Promise<void>;
}

const isFileEvent = (event: ActEvent): event is FileEvent =>
  event.type === 'file.created' || event.type === 'file.modified' || event.type === 'file.deleted';

/** Watching and reporting files. */
export const makeFileCalls = (hub: Hub, projectId: string, agentId: string, session: Session): FileCalls => {
  /** The hub keeps one set of patterns a session: the union of what is watched. */
  const watched = new Set<readonly string[]>();

  const register = async (options?: CallOptions): Promise<number | undefined> => {
    const patterns = [...new Set([...watched].flat())];
    const result = await session.command('file.watch', (sessionId) => ({ sessionId, patterns }), options);
    if (!result.ok) throw new ActRefused('the patterns to watch were refused', result.refusal);
    return result.seq;
  };

  async function* matching(
    patterns: readonly string[],
    after: number | undefined,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<FileEvent, void, undefined> {
    const matchers = patterns.map(compileGlob);
    const options = {
      ...(after === undefined ? {} : { after }),
      ...(signal === undefined ? {} : { signal }),
    };
    try {
      for await (const item of hub.events(projectId, options)) {
        if (item.kind !== 'event') throw new ActRefused('the watched files are no longer known', item.reason);
        const { event } = item;
        if (!isFileEvent(event) || event.agentId === agentId) continue;
        if (matchers.some((matches) => matches(event.data.path))) yield event;
      }
    } finally {
      watched.delete(patterns);
    }
  }

  return {
    async watchFiles(patterns, options = {}) {
      const own = [...patterns];
      watched.add(own);
      try {
        return matching(own, await register(options), options.signal);
      } catch (error) {
        watched.delete(own);
        throw error;
      }
    },
    async watchAgain() {
      if (watched.size > 0) await register();
    },
    async reportFileChange(change, { taskId, ...options } = {}) {
      const changes: readonly FileChange[] = Array.isArray(change) ? change : [change as FileChange];
      let reported = 0;
      let last: Result<{ reported: number }> = { ok: true, value: { reported } };
      for (let from = 0; from < changes.length; from += FILE_CHANGES_MAX) {
        const piece = changes.slice(from, from + FILE_CHANGES_MAX);
        last = await session.command(
          'file.report',
          (sessionId) => ({ sessionId, changes: piece, ...(taskId === undefined ? {} : { taskId }) }),
          options,
        );
        if (!last.ok) return last;
        reported += last.value.reported;
      }
      return { ...last, value: { reported } };
    },
  };
};
