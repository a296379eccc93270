/** The moments at which a client calls its hook, in our words; `act-hook CLIENT MOMENT` names one. */
export const MOMENTS = ['start', 'before-edit', 'after-edit', 'prompt', 'stop', 'idle', 'end'] as const;
export type Moment = (typeof MOMENTS)[number];

/**
 * A text in a file that an edit replaces by another; `everywhere`: wherever it stands. `loose`: where it does not stand
 * the client looks for something like it.
 */
export interface Piece {
  readonly old: string;
  readonly young: string;
  readonly everywhere?: boolean;
  readonly loose?: boolean;
}

/** One file that a tool is about to change or has changed. */
export interface Edit {
  /** As the client said it: absolute, or relative to its working directory. */
  readonly path: string;
  readonly kind: 'created' | 'modified' | 'deleted';
  /** Texts that are replaced, the whole new text, or nothing that could be told. */
  readonly change: { readonly pieces: readonly Piece[] } | { readonly text: string } | 'whole';
}

/** What a client told its hook, whatever its vendor calls it. */
export interface Happening {
  /** The vendor's id of the session. */
  readonly session: string;
  readonly subagent?: string;
  readonly cwd: string;
  /** Of before-edit and after-edit. */
  readonly edits: readonly Edit[];
  /** The agent goes on because a hook asked it to: it is not asked again. */
  readonly isContinuing: boolean;
}

/** What the hook answers, before an adapter puts it into its vendor's words. */
export interface Reply {
  /** Facts for the agent's context. */
  readonly context?: string;
  /** Why the edit must not happen. */
  readonly deny?: string;
  /** Why the agent should not stop yet, or should go on. */
  readonly goOn?: string;
}

/** What the process writes and its exit code. */
export interface Written {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode: number;
}

/** A vendor's dialect: its payload to a happening, our reply to its output. Pure. */
export interface Dialect {
  /** undefined: nothing for us, say a tool that edits no file. Throws Unreadable for what cannot be understood. */
  readonly read: (moment: Moment, payload: Readonly<Record<string, unknown>>) => Happening | undefined;
  readonly write: (moment: Moment, reply: Reply) => Written;
  /** Moments at which it puts our words before the agent. At no other may mail be taken from its inbox. */
  readonly tellsAt: readonly Moment[];
}

/** A payload that is not what its client documents. The edit goes on: what is not understood is not denied. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}
