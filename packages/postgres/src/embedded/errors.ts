/** The machine cannot run the embedded server. The message ends with what the user can do instead. */
export class EmbeddedUnavailable extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(
      `embedded PostgreSQL cannot run here: ${reason}; set DATABASE_URL to use a server of your own`,
      options,
    );
    this.name = 'EmbeddedUnavailable';
  }
}

/** Another live hub owns the data directory. */
export class DataDirectoryInUse extends Error {
  readonly dataDir: string;
  readonly pid: number;

  constructor(dataDir: string, pid: number, startedAt: string) {
    super(`data directory ${dataDir} is in use by another hub (pid ${pid}, since ${startedAt})`);
    this.name = 'DataDirectoryInUse';
    this.dataDir = dataDir;
    this.pid = pid;
  }
}

/** The system error code (`ENOENT`, …) of a caught value, if it carries one. */
export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** The message of a caught value, on one line. */
export function errorLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, ' ');
}

/** Whether what initdb or the server printed says that the disk is full; a short write is the same with fewer words. */
export function isDiskFull(output: string): boolean {
  return /No space left on device|wrote only \d+ of \d+ bytes/.test(output);
}
