import { claudeCodeFiles } from './claude-code/plugin.ts';
import { codexFiles } from './codex/files.ts';
import { cursorFiles } from './cursor/files.ts';
import { geminiFiles } from './gemini/files.ts';
import { opencodeFiles } from './opencode/files.ts';
import { otherFiles } from './other/files.ts';
import { windsurfFiles } from './windsurf/files.ts';
import type { ClientKind } from './client-files.ts';

/** Clients that `act join` knows, in the order in which it tells of them. */
export const clientKinds: readonly ClientKind[] = [
  claudeCodeFiles,
  codexFiles,
  cursorFiles,
  windsurfFiles,
  geminiFiles,
  opencodeFiles,
  otherFiles,
];
