import type { Region } from '@agentmix/act-contract';
import type { Happening, Reply } from '../happening.ts';
import { callHub } from './call-hub.ts';
import { noteTops, speak } from './kept-session.ts';
import type { HookContext } from './moments.ts';
import { projectFiles, touchedFiles } from './read-edits.ts';
import type { TouchedFile } from './read-edits.ts';
import { deniedText, leftText, neighboursText } from './edit-texts.ts';
import type { Holder } from './edit-texts.ts';

/** As many as the contract takes for one file; an edit in more places is told as the whole file. */
const RANGES_MAX = 256;

const regionOf = ({ path, lines }: TouchedFile): Region =>
  lines === 'whole' || lines.length > RANGES_MAX ? { path } : { path, ranges: [...lines] };

/**
 * Before an edit: reserves what it touches, or denies it with who has it. Everything but a reservation of somebody else
 * lets it pass.
 */
export const reserve = async (context: HookContext, { cwd, edits }: Happening): Promise<Reply> => {
  const { hub, identity, sessionFile, place } = context;
  const { files, left } = projectFiles(place, cwd, edits);
  const regions = (await touchedFiles(files)).map(regionOf);
  if (regions.length === 0) return {};
  const asked = await speak(hub, identity, sessionFile, (sessionId) =>
    callHub(hub, 'reservation.request', { sessionId, regions }),
  );
  if (!asked.ok && asked.code === 'region_reserved')
    return { deny: deniedText((asked.data['holders'] ?? []) as Holder[], hub.now()) };
  if (!asked.ok && asked.code === 'path_not_yours')
    return { deny: `This machine’s key may not write ${String(asked.data['path'])} in this project.` };
  if (!asked.ok) throw new Error(`the edit could not be checked: ${asked.code} ${asked.detail}`);
  noteTops(sessionFile, [...new Set(files.map(({ top }) => top))]);
  const notes = [leftText(left), neighboursText(asked.value.others)].filter((text) => text !== undefined);
  return notes.length === 0 ? {} : { context: notes.join('\n') };
};
