/** Hooks have to end before their client loses patience: what git has not said by then is not known. */
export const GIT_MS_MAX = 1_000;
export const OUTPUT_BYTES_MAX = 16_777_216;
