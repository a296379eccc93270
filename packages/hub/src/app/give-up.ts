/** Whoever could not be answered for so long, by commands that are not committed or rows that are not written, is told so. */
export const GIVE_UP_MS = 5_000;
