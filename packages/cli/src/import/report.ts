import { groupBy } from '../board/group-by.ts';
import type { Output } from '../cli/output.ts';
import type { Plan, Skipped } from '../plan/index.ts';
import { printable } from '../terminal/printable.ts';
import { fit } from '../terminal/width.ts';
import type { Sent, Tally } from './send-plan.ts';

const EXAMPLES_MAX = 3;
const GROUPS_MAX = 8;
const NOTES_MAX = 5;

/** Reasons name keys; without them those of one kind are the same. */
const groupOf = ({ what, key, reason }: Skipped): string => {
  const names = key.split(/ -> | \(/).filter((name) => name.length > 1);
  const general = names.reduce((text, name) => text.replaceAll(name, '…'), reason);
  return `${what === 'edge' ? 'dependency' : 'item'}: ${general}`;
};

const skippedLines = (skipped: readonly Skipped[], isVerbose: boolean, columns: number): string[] => {
  const line = ({ key, line: at }: Skipped): string => (at === undefined ? key : `${key} (line ${at})`);
  const groups = groupBy(skipped, groupOf);
  const sorted = [...groups].toSorted(([, a], [, b]) => b.length - a.length);
  const shown = isVerbose ? sorted : sorted.slice(0, GROUPS_MAX);
  const lines = shown.flatMap(([reason, members]) => {
    const head = `  ${String(members.length).padStart(4)}  ${printable(reason)}`;
    if (isVerbose)
      return [head, ...members.map((one) => `          ${printable(`${line(one)}: ${one.reason}`)}`)];
    const examples = members.slice(0, EXAMPLES_MAX).map(({ key }) => key);
    const more = members.length > EXAMPLES_MAX ? ', …' : '';
    return [fit(`${head}: ${printable(examples.join(', '))}${more}`, columns)];
  });
  if (shown.length < sorted.length)
    lines.push(`        … ${sorted.length - shown.length} more kinds (--verbose)`);
  return lines;
};

export interface ImportReport {
  readonly plan: Plan;
  readonly notes: readonly string[];
  readonly project: { readonly id?: string; readonly name: string; readonly isNew: boolean };
  readonly items: Tally;
  readonly sent: Sent;
  readonly isDryRun: boolean;
  readonly isVerbose: boolean;
  readonly ms: number;
}

const printDetails = ({ plan, notes, isVerbose }: ImportReport, output: Output): void => {
  const { style } = output;
  const skippedItems = plan.skipped.filter(({ what }) => what === 'item').length;
  const skippedEdges = plan.skipped.length - skippedItems;
  if (plan.skipped.length > 0)
    output.line(
      style.yellow(`left out: ${skippedItems} items, ${skippedEdges} dependencies`),
      ...skippedLines(plan.skipped, isVerbose, output.columns()),
    );
  const shown = isVerbose ? notes : notes.slice(0, NOTES_MAX);
  if (notes.length > 0) output.line(style.dim('notes'));
  output.line(
    ...shown.map((note) =>
      isVerbose ? `  ${printable(note)}` : fit(`  ${printable(note)}`, output.columns()),
    ),
  );
  if (shown.length < notes.length) output.line(`  … ${notes.length - shown.length} more (--verbose)`);
};

/** Tells a person, or a program, what became of the file. */
export const printReport = (report: ImportReport, output: Output): void => {
  const { plan, notes, project, items, sent, isDryRun, ms } = report;
  const { style } = output;
  const name = style.bold(printable(project.name));
  const phases = sent.phases.created + sent.phases.updated + sent.phases.unchanged;
  output.line(
    isDryRun
      ? `nothing was sent: ${plan.counts.importedItems} items in ${phases} phases would go to ${name}`
      : `${name}${project.isNew ? ' (new project)' : ''}: ${style.green(`${items.created} created`)}, ${items.updated} updated, ${items.unchanged} unchanged; ${sent.edges} new dependencies; ${phases} phases  ${style.dim(`${(ms / 1_000).toFixed(1)} s`)}`,
    style.dim(
      `of the file’s ${plan.counts.items} items ${plan.counts.importedItems} are in, of its ${plan.counts.edges} dependencies ${plan.counts.importedEdges}${plan.counts.derivedEdges > 0 ? `, and ${plan.counts.derivedEdges} follow from nesting` : ''}`,
    ),
  );
  printDetails(report, output);
  const skippedItems = plan.skipped.filter(({ what }) => what === 'item').length;
  output.json({
    project: { ...(project.id === undefined ? {} : { id: project.id }), name: project.name },
    ...(isDryRun ? { dryRun: true } : {}),
    created: items.created,
    imported: plan.counts.importedItems,
    updated: items.updated,
    unchanged: items.unchanged,
    edges: sent.edges,
    importedEdges: plan.counts.importedEdges,
    skippedItems,
    skippedEdges: plan.skipped.length - skippedItems,
    phases: sent.phases,
    counts: plan.counts,
    skipped: plan.skipped,
    notes,
  });
};
