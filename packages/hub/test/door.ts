import { isRefusalCode, refusals } from './contract.ts';
import type { CommandName, QueryName } from '@agentmix/act-contract';
import type { Answer } from './contract.ts';
import { expect } from 'vitest';

/** A way into the hub: the same calls, the same answers, whatever carries them. */
export interface Door {
  readonly name: string;
  command(name: string, projectId: string | undefined, input: unknown, commandId?: string): Promise<Answer>;
  query(name: string, projectId: string | undefined, input: unknown): Promise<Answer>;
  /** Sends a file’s bytes, over REST whatever the door is. */
  upload(projectId: string, artifactId: string, content: Buffer): Promise<void>;
  close(): void;
}

/** Runs a command that has to succeed, and answers its output. */
export const done = async (
  door: Door,
  name: CommandName,
  projectId: string | undefined,
  input: unknown,
  commandId?: string,
): Promise<Record<string, unknown>> => {
  const answer = await door.command(name, projectId, input, commandId);
  if (!answer.ok) throw new Error(`${name}: ${JSON.stringify(answer.body)}`);
  return answer.body;
};

export const asked = async (
  door: Door,
  name: QueryName,
  projectId: string | undefined,
  input: unknown = {},
): Promise<Record<string, unknown>> => {
  const answer = await door.query(name, projectId, input);
  if (!answer.ok) throw new Error(`${name}: ${JSON.stringify(answer.body)}`);
  return answer.body;
};

/** The answer is a problem document with this code, and tells nothing about the hub’s insides. */
export const expectProblem = (answer: Answer, code: string): void => {
  expect(answer.body).toMatchObject({ code, type: `urn:act:problem:${code}`, title: expect.any(String) });
  expect(isRefusalCode(code)).toBe(true);
  if (isRefusalCode(code)) expect(answer.body['status']).toBe(refusals[code].status);
  expect(answer.status).toBe(answer.body['status']);
  expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|node:internal|\.[jt]s:\d+|\n\s+at /);
};

/** Names of the fields that a refused input’s problem tells. */
export const namedFields = (answer: Answer): string[] => {
  const { fields } = answer.body;
  return Array.isArray(fields)
    ? fields.map((one: unknown) => String((one as { field?: unknown } | undefined)?.field))
    : [];
};
