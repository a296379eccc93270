import type { Hub } from '@agentmix/act-client';
import { uuidv7 } from 'uuidv7';
import type { Recorder } from './recorder.ts';

/** A hub whose commands, heartbeats of agents included, are written to a history. */
export const recordingHub = (hub: Hub, recorder: Recorder): Hub => ({
  async command(name, projectId, input, options = {}) {
    const commandId = options.commandId ?? uuidv7();
    const call = recorder.invoke(name, input, commandId);
    try {
      const result = await hub.command(name, projectId, input, { ...options, commandId });
      if (result.ok)
        recorder.end(call, name, {
          type: 'ok',
          output: result.value,
          ...(result.seq === undefined ? {} : { seq: result.seq }),
        });
      else recorder.end(call, name, { type: 'fail', refusal: result.refusal.code });
      return result;
    } catch (error) {
      recorder.end(call, name, { type: 'info', output: error instanceof Error ? error.message : error });
      throw error;
    }
  },
  query: (name, projectId, input, options) => hub.query(name, projectId, input, options),
  events: (projectId, options) => hub.events(projectId, options),
  storeArtifact: (projectId, source, options) => hub.storeArtifact(projectId, source, options),
  readArtifact: (projectId, artifactId, options) => hub.readArtifact(projectId, artifactId, options),
  request: (target, init) => hub.request(target, init),
  time: () => hub.time(),
  close: () => hub.close(),
});
