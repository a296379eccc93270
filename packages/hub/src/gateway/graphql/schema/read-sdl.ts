import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Kind, parse } from 'graphql';
import type { DefinitionNode, DocumentNode } from 'graphql';

/** How long reading holds up whoever else is served. */
const SLICE_MS = 5;

/**
 * Reads the schema as it was generated, where empty lines stand between definitions, a few of them at a time: all in
 * one go are 40 ms in which nobody would be served.
 */
export const readSdl = async (): Promise<DocumentNode> => {
  const path = createRequire(import.meta.url).resolve('@agentmix/act-contract/schema.graphql');
  const definitions: DefinitionNode[] = [];
  let started = performance.now();
  for (const text of readFileSync(path, 'utf8').split('\n\n')) {
    definitions.push(...parse(text, { noLocation: true }).definitions);
    if (performance.now() - started < SLICE_MS) continue;
    await nextTurn();
    started = performance.now();
  }
  return { kind: Kind.DOCUMENT, definitions };
};
