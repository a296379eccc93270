export { PlanError } from './plan.ts';
export type { Plan, PlanFormat, PlanPhase, PlanStatus, PlanTask, Skipped } from './plan.ts';
export { readPlan } from './read-plan.ts';
