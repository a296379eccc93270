/** What hubs of one database share besides it. All of it may be lost at any moment: no answer depends on it. */

/** A part of what hubs tell each other several times a second, which nobody keeps. */
export interface Whisper {
  /** What to tell this time; nothing: nothing. It is asked only when somebody can be told. */
  readonly tell: () => string | undefined;
  /** What another hub told. Whoever may write to the channel may have written it. */
  readonly hear: (text: string) => void;
}

/** Brings whispers from each hub to all others; what cannot be told is forgotten. */
export interface Whispers {
  add(topic: string, whisper: Whisper): void;
}

/** A project’s shared live state as of a place in its log. */
export interface LiveState {
  readonly projectId: string;
  readonly seq: number;
  readonly entries: readonly (readonly [key: string, value: unknown])[];
}

/** Copies for programs outside, which no hub reads: what is lost of them is shown again. All reject while it is away. */
export interface Board {
  /** Replaces a project’s live state, unless one as late or later is shown. */
  showState(state: LiveState): Promise<void>;
  /** These agents were heard by this hub just now. */
  showPresence(projectId: string, agentIds: readonly string[]): Promise<void>;
  /** Shows that this hub is there; false: nothing was known of it, so that all may have to be shown again. */
  showHub(): Promise<boolean>;
}

/**
 * Tells the hubs of one database that a project has moved on, and nothing else: what happened is in the log, for those
 * who may read it. A notification may be lost, repeated or late: whoever hears one looks in the log.
 */
export interface Bus {
  /**
   * Says that a project’s log reaches this far; 0: that this hub wants to write to it, and lost to another. Returns at
   * once; what cannot be said is forgotten.
   */
  publish(projectId: string, seq: number): void;
  /** Hears what other hubs say, of any project; its own words may come back. The returned function ends it. */
  subscribe(listener: (projectId: string, seq: number) => void): () => void;
  /** False while nothing can be heard: the database is then asked more often. */
  readonly isHearing: boolean;
  close(): Promise<void>;
}
