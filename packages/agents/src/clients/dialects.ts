import type { Dialect } from '../happening.ts';
import { claudeCode } from './claude-code/dialect.ts';
import { codex } from './codex/dialect.ts';
import { cursor } from './cursor/dialect.ts';
import { gemini } from './gemini/dialect.ts';
import { opencode } from './opencode/dialect.ts';
import { devin } from './windsurf/devin-dialect.ts';
import { windsurf } from './windsurf/dialect.ts';

/** Clients that call the hook, by the name that their files give it. */
export const dialects: Readonly<Record<string, Dialect>> = {
  'claude-code': claudeCode,
  codex,
  cursor,
  devin,
  gemini,
  opencode,
  windsurf,
};
