import { runPython } from './tools.ts';

export interface Query {
  readonly path: string;
  /** Of the panel or the alert. */
  readonly name: string;
  readonly series?: readonly string[];
  readonly error?: string;
}

export const DASHBOARD = 'deploy/grafana/act-hub.json';
export const ALERTS = 'deploy/prometheus/act-hub.rules.yaml';

/** What dashboards and alerts ask Prometheus for, by its own grammar. */
export const queriesOf = (...paths: readonly string[]): readonly Query[] =>
  runPython<readonly Query[]>('promql.py', paths);
