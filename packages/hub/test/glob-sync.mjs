// Conformance suites name `globSync` of `fs`, which Node has since version 22, for a command that tests do not use.
import { register } from 'node:module';

const fs = 'data:text/javascript,export * from "node:fs"; export const globSync = () => [];';
const hooks = `export const resolve = (specifier, context, next) =>
  specifier === 'fs' && context.parentURL?.includes('/conformance/')
    ? { url: ${JSON.stringify(fs)}, format: 'module', shortCircuit: true }
    : next(specifier, context);`;
if (Number(process.versions.node.split('.')[0]) < 22)
  register(`data:text/javascript,${encodeURIComponent(hooks)}`);
