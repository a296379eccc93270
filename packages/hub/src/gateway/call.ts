import { commands, queries, refusal, Uuid, validate } from '@agentmix/act-contract';
import type { CommandName, QueryName, Refusal } from '@agentmix/act-contract';
import { isCommandId } from '../app/command-id.ts';
import type { CoordinationService } from '../app/coordination-service.ts';

export type Called =
  | { readonly ok: true; readonly output: unknown; readonly seq?: number }
  | { readonly ok: false; readonly refusal: Refusal };

export const isCommandName = (name: string): name is CommandName =>
  Object.hasOwn(commands, name) && 'route' in commands[name as CommandName];
export const isQueryName = (name: string): name is QueryName => Object.hasOwn(queries, name);

const refused = (value: Refusal): Called => ({ ok: false, refusal: value });
const invalid = (field: string, message: string): Called =>
  refused(refusal('invalid_input', `${field}: ${message}`, { fields: [{ field, message }] }));

const checkProject = (projectId: unknown): Called | undefined =>
  Uuid.safeParse(projectId).success ? undefined : invalid('projectId', 'must be a UUID');

/** One command from any door: checked by the contract, run by the service. */
export const callCommand = async (
  service: CoordinationService,
  name: CommandName,
  projectId: unknown,
  input: unknown,
  commandId: unknown,
  signal?: AbortSignal,
): Promise<Called> => {
  if (commandId !== undefined && (typeof commandId !== 'string' || !isCommandId(commandId)))
    return invalid('Idempotency-Key', 'must be a UUID of version 7');
  const parsed = validate(commands[name].input, input);
  if (!parsed.ok) return parsed;
  // A repeated project.create has to find the project it made: without an id of its own the project takes the command’s.
  const own = (parsed.value as { projectId?: string }).projectId;
  const id = name === 'project.create' ? (own ?? commandId ?? service.newId()) : projectId;
  const wrong = checkProject(id);
  if (wrong) return wrong;
  // The table gave both the schema and the name; TypeScript does not follow that through the index.
  return service.command(
    name,
    String(id).toLowerCase(),
    parsed.value as never,
    commandId?.toLowerCase() ?? service.newId(),
    signal ? { signal } : {},
  );
};

export const callQuery = async (
  service: CoordinationService,
  name: QueryName,
  projectId: unknown,
  input: unknown,
): Promise<Called> => {
  const isList = name === 'project.list';
  const wrong = isList ? undefined : checkProject(projectId);
  if (wrong) return wrong;
  const parsed = validate(queries[name].input, input);
  if (!parsed.ok) return parsed;
  const id = isList ? '' : String(projectId).toLowerCase();
  const answer = await service.query(name, id, parsed.value as never);
  if (!answer.ok) return answer;
  if (answer.value !== undefined && !(await isEmptyOfUnknownProject(service, name, id, answer.value)))
    return { ok: true, output: answer.value };
  return refused(await missing(service, name, id));
};

/** A page without items may be that of a project that does not exist. */
const isEmptyOfUnknownProject = async (
  service: CoordinationService,
  name: QueryName,
  projectId: string,
  value: unknown,
): Promise<boolean> => {
  const { items } = value as { items?: unknown[] };
  if (name === 'project.list' || items === undefined || items.length > 0) return false;
  const project = await service.query('project.get', projectId, {});
  return project.ok && project.value === undefined;
};

const missing = async (
  service: CoordinationService,
  name: QueryName,
  projectId: string,
): Promise<Refusal> => {
  const [own] = queries[name].refusals;
  const project = own ? await service.query('project.get', projectId, {}) : undefined;
  return own && project?.ok && project.value
    ? refusal(own)
    : refusal('project_not_found', `no project ${projectId}`);
};
