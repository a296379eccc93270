import type { Forge, Forged } from './forge.ts';

/** Values of the wrong type that a lenient reader turns into the right one. */
const wrongTypes = (value: unknown): Record<string, unknown> => ({
  missing: undefined,
  null: null,
  'a number': typeof value === 'number' ? `${value}` : 7,
  true: true,
  'in an array': [value],
  'in an object': { value },
  empty: '',
});

const types = ({ claims, withClaims }: Forge): Forged => {
  const required = ['iss', 'aud', 'exp', 'iat', 'sub', 'prj', 'rol', 'jti', 'key'];
  const forged = required.flatMap((claim) =>
    Object.entries(wrongTypes(claims[claim])).map(([name, value]) => [
      `${claim} ${name}`,
      withClaims({ [claim]: value }),
    ]),
  );
  return Object.fromEntries(forged);
};

const times = ({ claims, withClaims }: Forge): Forged => {
  const { iat = 0, exp = 0 } = claims;
  const life = exp - iat;
  return {
    'ended an hour ago': withClaims({ iat: iat - 3_600 - life, exp: iat - 3_600 }),
    'ended three seconds ago': withClaims({ iat: iat - 3 - life, exp: iat - 3 }),
    'exp 0': withClaims({ exp: 0 }),
    'exp below 0': withClaims({ exp: -1 }),
    'exp with a fraction': withClaims({ exp: exp - 0.5 }),
    'exp beyond every date': withClaims({ exp: 1e300 }),
    'exp in ten years': withClaims({ exp: exp + 315_576_000 }),
    'exp a second later than the hub gives': withClaims({ exp: exp + 1 }),
    'exp in milliseconds': withClaims({ exp: exp * 1_000 }),
    'exp before iat': withClaims({ iat: exp + 1 }),
    'made in five minutes': withClaims({ iat: iat + 300 }),
    'made in five minutes, for as long as the hub gives': withClaims({ iat: iat + 300, exp: exp + 300 }),
    'nbf in five minutes': withClaims({ nbf: iat + 300 }),
    'nbf text': withClaims({ nbf: `${iat}` }),
    'nbf null': withClaims({ nbf: null }),
  };
};

/** Latin letters that Cyrillic has too, to the eye. */
const LOOKALIKES: Readonly<Record<string, string>> = { a: 'а', c: 'с', e: 'е', o: 'о', p: 'р', x: 'х' };
const inCyrillic = (text: string): string =>
  text.replace(/[aceopx]/, (letter) => LOOKALIKES[letter] ?? letter);

const names = ({ claims, withClaims }: Forge): Forged => {
  const { iss = '' } = claims;
  const { sub = '' } = claims;
  return {
    'iss of another': withClaims({ iss: 'https://evil.test' }),
    'iss with a slash': withClaims({ iss: `${iss}/` }),
    'iss in capitals': withClaims({ iss: iss.toUpperCase() }),
    'iss with a NUL': withClaims({ iss: `${iss}\0` }),
    'iss with a Cyrillic letter': withClaims({ iss: inCyrillic(iss) }),
    'iss with a zero-width space': withClaims({ iss: `${iss}\u200b` }),
    'aud of another': withClaims({ aud: 'https://evil.test' }),
    'aud of two, ours among them': withClaims({ aud: [iss, 'https://evil.test'] }),
    'aud of none': withClaims({ aud: [] }),
    'aud of all': withClaims({ aud: '*' }),
    'sub no UUID': withClaims({ sub: 'admin' }),
    'sub with more behind it': withClaims({ sub: `${sub}/../admin` }),
    'sub as SQL': withClaims({ sub: `${sub}' or '1'='1` }),
    'prj of all': withClaims({ prj: '*' }),
    'prj that leaves its place': withClaims({ prj: `../${String(claims['prj'])}` }),
    'prj of two': withClaims({ prj: `${String(claims['prj'])},${String(claims['prj'])}` }),
    'rol unknown': withClaims({ rol: 'root' }),
    'rol in capitals': withClaims({ rol: 'ADMIN' }),
    'rol with a space': withClaims({ rol: 'admin ' }),
    'rol of two': withClaims({ rol: 'agent admin' }),
    'rol by number': withClaims({ rol: 4 }),
    'key no UUID': withClaims({ key: 'act_live' }),
    'agt number': withClaims({ agt: 7 }),
    'agt empty': withClaims({ agt: '' }),
    'agt that leaves its place': withClaims({ agt: '../ada' }),
    'agt with half a surrogate pair': withClaims({ agt: 'ada\ud800' }),
    'agt with a line': withClaims({ agt: 'ada\n' }),
  };
};

/** Signed by the hub’s key: only what they say is wrong. */
export const claimForgeries = (forge: Forge): Forged => ({
  ...types(forge),
  ...times(forge),
  ...names(forge),
});
