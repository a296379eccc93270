import type { Frame, Refusal } from '@agentmix/act-contract';
import { isObject } from '../wire/problem.ts';
import type { Speaker } from '../wire/speaker.ts';

/** What one connection of a stream brings, whatever carries it. */
export type Signal =
  | { readonly kind: 'open'; readonly cursor: number }
  | { readonly kind: 'frame'; readonly frame: Frame }
  | {
      readonly kind: 'refused';
      readonly refusal: Refusal;
      readonly status: number;
      readonly retryAfterMs?: number;
    };

/** A stream that ended because its access token did is opened again with another: throws then. */
export const checkEnd = <T extends Signal>(speaker: Speaker, signal: T): T => {
  if (signal.kind === 'refused' && speaker.hasAnother(signal.refusal.code))
    throw new Error('the access token has ended');
  return signal;
};

export interface StreamPosition {
  readonly projectId: string;
  /** The last seq the consumer has; absent: from now on. */
  readonly cursor?: number;
  /** Not the stream's first connection. */
  readonly resumed: boolean;
}

/**
 * Opens one connection and yields what it brings until it ends; throws when it breaks or falls silent. It reads
 * no further than the consumer asks, within the limits below.
 */
export type StreamSource = (
  position: StreamPosition,
  signal: AbortSignal,
) => AsyncGenerator<Signal, void, undefined>;

/** Characters of one frame, and of all frames that wait for a slow consumer. A commit holds up to 256 commands. */
export const FRAME_CHARS_MAX = 64 * 1_024 * 1_024;
export const FRAMES_WAITING_MAX = 256;
export const FRAMES_WAITING_CHARS_MAX = 8 * 1_024 * 1_024;

const isFrame = (value: unknown): value is Frame =>
  isObject(value) &&
  typeof value['projectId'] === 'string' &&
  typeof value['timestamp'] === 'string' &&
  typeof value['firstSeq'] === 'number' &&
  typeof value['lastSeq'] === 'number' &&
  Array.isArray(value['events']) &&
  value['events'].every((event) => isObject(event) && typeof event['seq'] === 'number');

/** Parses a frame as far as the stream itself relies on it. */
export const parseFrame = (text: string): Frame => {
  const value: unknown = JSON.parse(text);
  if (!isFrame(value)) throw new Error('the hub sent a frame that does not fit the contract');
  return value;
};
