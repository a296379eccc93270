import { restCommand } from '../wire/rest.ts';
import type { Address, RawAnswer, RawCall } from '../wire/rest.ts';
import type { Recorder } from './recorder.ts';

/** One command over REST, tried once and written to a history. */
export const recordingRest = async (
  recorder: Recorder,
  address: Address,
  rawCall: RawCall,
): Promise<RawAnswer> => {
  const { name, input, commandId } = rawCall;
  const call = recorder.invoke(name, input, commandId);
  const answer = await restCommand(address, rawCall);
  if (answer.type === 'info') recorder.end(call, name, { type: 'info', output: answer.error });
  else if (answer.type === 'fail') recorder.end(call, name, answer);
  else {
    const { output, seq } = answer;
    recorder.end(call, name, { type: 'ok', output, ...(seq === undefined ? {} : { seq }) });
  }
  return answer;
};
