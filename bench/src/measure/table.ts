import type { CaseReport, Report } from './alternate.ts';
import type { Spread } from './percentile.ts';

/** A Markdown table, ready to be pasted into RESULTS.md; cells are median (min–max) over the rounds. */
export function formatTable(report: Report): string {
  const heading = [
    'case',
    `${report.unit}/s`,
    'p50 ms',
    'p99 ms',
    'node CPU µs/op',
    'db CPU µs/op',
    'rate ÷ baseline',
    'baseline CPU ÷ own',
  ];
  const lines = [heading, heading.map(() => '---'), ...report.cases.map(toCells)];
  const table = lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  return `${table}\n\nBaseline: ${report.baseline}. Ratios are medians of the ratios within each round.`;
}

function toCells({ name, summary }: CaseReport): string[] {
  return [
    name,
    formatSpread(summary.perSecond),
    formatSpread(summary.p50Ms),
    formatSpread(summary.p99Ms),
    formatSpread(summary.nodeCpuUs),
    formatSpread(summary.dbCpuUs),
    formatSpread(summary.ratio),
    formatSpread(summary.cpuRatio),
  ];
}

function formatSpread(value: Spread | undefined): string {
  if (value === undefined) return '–';
  return `${formatNumber(value.median)} (${formatNumber(value.min)}–${formatNumber(value.max)})`;
}

/** Three significant digits, whole numbers from 100 on. */
function formatNumber(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
