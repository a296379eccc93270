import { readFileSync } from 'node:fs';
import { encodeFields, SealedContent } from '@agentmix/act-contract';
import { expect, it } from 'vitest';
import { makeVectors } from '../../test/vectors/make-sealed.ts';
import { openEnvelope } from './envelope.ts';
import { isProven } from './keys.ts';

// The file is what makeVectors made; the first test says so.
const file = JSON.parse(
  readFileSync(new URL('../../test/vectors/sealed.json', import.meta.url), 'utf8'),
) as Awaited<ReturnType<typeof makeVectors>>;
const [, bob] = file.keys;
if (!bob) throw new Error('no keys of bob');

it('are what the code makes: a change of the format needs new vectors', async () => {
  // Through JSON: what is undefined is not there.
  expect(file).toEqual(JSON.parse(JSON.stringify(await makeVectors())));
});

it('hold proofs of keys that fit only their project and agent', async () => {
  for (const { projectId, agentId, secrets, proof } of file.keys) {
    expect(await isProven(projectId, agentId, { ...secrets, proof })).toBe(true);
    expect(await isProven(projectId, `${agentId}2`, { ...secrets, proof })).toBe(false);
    expect(await isProven(file.sealed[0]?.header.id ?? '', agentId, { ...secrets, proof })).toBe(false);
  }
});

it.each(file.sealed.map((one) => [one.name, one] as const))('open: %s', async (_name, one) => {
  expect(SealedContent.safeParse(one.content)).toMatchObject({ success: true });
  const opened = await openEnvelope(one.header, bob.secrets, one.content);
  expect('plaintext' in opened && Buffer.from(opened.plaintext).toString('hex')).toBe(one.plaintext);
});

it.each(file.refused.map((one) => [one.name, one] as const))('are refused: %s', async (_name, one) => {
  expect(SealedContent.safeParse(one.content)).toMatchObject({ success: true });
  expect(await openEnvelope(one.header, bob.secrets, one.content)).toEqual({ flaw: one.flaw });
});

it('encode different lists differently', () => {
  const encoded = file.fields.map(({ fields }) => Buffer.from(encodeFields(fields)).toString('hex'));
  expect(encoded).toEqual(file.fields.map((one) => one.encoded));
  expect(new Set(encoded).size).toBe(encoded.length);
});
