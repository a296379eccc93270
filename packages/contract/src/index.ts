export * from './limits.ts';
export * from './scalars.ts';
export * from './entities.ts';
export * from './refusals.ts';
export * from './events.ts';
export * from './define.ts';
export * from './table.ts';
export * from './glob.ts';
export { EventRow, Counts } from './queries.ts';
