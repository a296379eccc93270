import type { FileChange } from '../files/ledger.ts';

/** What the files of every client are made from. */
export interface Setup {
  /** The user's home directory. */
  readonly home: string;
  /** Environment of the user's shell: vendors let it move their folders. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The program that runs hooks. */
  readonly node: string;
  /** The text of the hook program, one file without dependencies. */
  readonly hookProgram: string;
  /** How this release's command line is started: program and first arguments. */
  readonly act: readonly string[];
  readonly version: string;
  /** Top of the repository that is joined. */
  readonly root: string;
  /** Its project, once it is known. */
  readonly projectId?: string;
}

/** A client that can join: where it keeps its things, and what we put there. */
export interface ClientKind {
  readonly name: string;
  readonly title: string;
  /** A path that is there when the client is installed for this user. */
  readonly traces: (setup: Setup) => readonly string[];
  readonly files: (setup: Setup) => readonly FileChange[];
  /** What the person has to do once, or should know. */
  readonly remarks: readonly string[];
  /** How it is started, and the release that this one was tested with. */
  readonly tested?: { readonly program: string; readonly version: string };
  /** Whether its files are of one repository and not of the user. */
  readonly perRepository?: boolean;
}
