import type { Pgbouncer } from '@agentmix/act-testing/pgbouncer';
import type pg from 'pg';
import type { Attack } from './attack.ts';
import type { Project, Table } from './fill.ts';

/** What the cases play on: a server with two projects full of data. */
export interface World {
  readonly a: Project;
  readonly b: Project;
  readonly tables: readonly Table[];
  readonly superuser: pg.Client;
  /** Absent where pgbouncer is not installed. */
  readonly bouncer?: Pgbouncer;
  /** A connection of its own; it ends with the case. */
  readonly open: (user?: string, more?: pg.ClientConfig) => Promise<pg.Client>;
  /** For the hub's own code. */
  readonly url: (user?: string) => string;
}

export interface Case {
  readonly name: string;
  /** What it tries, in a few words. */
  readonly tries: string;
  readonly needs?: 'pgbouncer';
  readonly run: (attack: Attack, world: World) => Promise<void>;
}
