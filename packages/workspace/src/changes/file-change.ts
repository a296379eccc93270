/** One replaced region: `length` base lines from line `start` (0 lines: after line `start`) became `newLength` lines. */
export interface Hunk {
  readonly start: number;
  readonly length: number;
  readonly newLength: number;
  /** First 64 bits of the SHA-256 of the new lines, as 16 hexadecimal digits. */
  readonly hash: string;
}

/** What was done to one file between two trees. Hashes and line numbers only: no text of the file is in it. */
export interface FileChange {
  readonly path: string;
  readonly status: 'created' | 'modified' | 'deleted';
  /** Where the file lies now, if it was moved; `path` is then its old place. */
  readonly movedTo?: string;
  /** Git’s hash of the file before and after. */
  readonly baseChecksum?: string;
  readonly checksum?: string;
  /** Absent where lines say nothing: binary files, links, submodules, more than 256 hunks. */
  readonly hunks?: readonly Hunk[];
}
