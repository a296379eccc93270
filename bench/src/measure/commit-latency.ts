import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import pg from 'pg';

import { percentile } from './percentile.ts';

export interface Latency {
  p50Ms: number;
  p99Ms: number;
}

const SAMPLES = 200;
const WAL_PAGE_BYTES = 8192;

/** Time of a one-row insert committed by itself on one connection: what a durable change costs at the least. */
export async function measureCommit(connection: pg.ClientConfig): Promise<Latency> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    await client.query('create table commit_latency (id bigint generated always as identity primary key)');
    return await sample(async () => {
      await client.query({ name: 'commit', text: 'insert into commit_latency default values' });
    });
  } finally {
    await client.query('drop table if exists commit_latency');
    await client.end();
  }
}

/**
 * Time to overwrite one 8 kB page of a file and fdatasync it, as pg_test_fsync does: what the disk costs,
 * without PostgreSQL. Undefined where this process may not write to `directory`.
 */
export async function measureDisk(directory: string): Promise<Latency | undefined> {
  const path = join(directory, `fdatasync-${process.pid}`);
  const page = Buffer.alloc(WAL_PAGE_BYTES, 1);
  let file: number;
  try {
    file = openSync(path, 'wx');
  } catch {
    return undefined;
  }
  try {
    return await sample(() => {
      writeSync(file, page, 0, page.length, 0);
      fdatasyncSync(file);
    });
  } finally {
    closeSync(file);
    rmSync(path);
  }
}

async function sample(act: () => Promise<void> | void): Promise<Latency> {
  const latenciesMs: number[] = [];
  for (let index = 0; index < SAMPLES; index += 1) {
    const start = performance.now();
    await act();
    latenciesMs.push(performance.now() - start);
  }
  return { p50Ms: percentile(latenciesMs, 0.5), p99Ms: percentile(latenciesMs, 0.99) };
}
