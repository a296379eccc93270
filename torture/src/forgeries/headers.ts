import { sign } from 'node:crypto';
import type { Forge, ForgeryContext, Forged } from './forge.ts';
import { encode } from './forge.ts';

const keyIds = ({ withHeader, strange, header }: Forge): Forged => {
  const kid = String(header.kid);
  const names: Record<string, unknown> = {
    'kid that leaves the folder': '../../../../dev/null',
    'kid that leaves the folder, encoded': '..%2f..%2f..%2fdev%2fnull',
    'kid of a file': '/proc/self/environ',
    'kid of a command': '$(id)',
    'kid as SQL': `' or '1'='1`,
    'kid as SQL with a key of its own': `x' union select 'AAAA' --`,
    'kid as SQL that deletes': `'; delete from act.signing_keys; --`,
    'kid as a template': '{{7*7}}',
    'kid of an address': 'http://127.0.0.1:1/key',
    'kid of the metadata service': 'http://169.254.169.254/',
    'kid __proto__': '__proto__',
    'kid constructor': 'constructor',
    'kid toString': 'toString',
    'kid empty': '',
    'kid null': null,
    'kid number': 1,
    'kid true': true,
    'kid in an array': [kid],
    'kid as a query': { $ne: null },
    'kid missing': undefined,
    'kid unknown': 'A'.repeat(43),
    'kid with a NUL': `${kid}\0`,
    'kid with a space': `${kid} `,
    'kid with a line': `${kid}\n`,
    'kid without its last character': kid.slice(0, -1),
    'kid in capitals': kid.toUpperCase(),
    'kid of 2,000 characters': 'k'.repeat(2_000),
  };
  return Object.fromEntries(
    Object.entries(names).flatMap(([name, value]) => [
      [name, withHeader({ kid: value }, strange)],
      [`${name}, signed by the hub`, withHeader({ kid: value })],
    ]),
  );
};

/** Keys that the token brings along or names a place of; a self-made certificate where one is asked for. */
const ownKeys = ({ withHeader, strange, stranger }: Forge): Forged => {
  const jwk = stranger.publicKey.export({ format: 'jwk' });
  const der = stranger.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  const members: Record<string, object> = {
    jwk: { jwk },
    'jwk and no kid': { jwk, kid: undefined },
    jku: { jku: 'http://127.0.0.1:1/jwks.json' },
    'jku with the hub’s name in it': { jku: 'http://localhost@127.0.0.1:1/.well-known/jwks.json' },
    x5u: { x5u: 'http://127.0.0.1:1/cert.pem' },
    'x5u of a file': { x5u: 'file:///etc/passwd' },
    x5c: { x5c: [der] },
    x5t: { x5t: 'AAAA' },
    'x5t#S256': { 'x5t#S256': 'A'.repeat(43) },
    epk: { epk: jwk },
  };
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, change]) => [
      [`${name}, signed by its key`, withHeader(change, strange)],
      [`${name}, signed by the hub`, withHeader(change)],
    ]),
  );
};

/** Signed by the hub’s key: what the header says must be enough to refuse them. */
const meanings = ({ withHeader, header, claims, own }: Forge): Forged => {
  const unencoded = { ...header, b64: false, crit: ['b64'] };
  const signature = own(Buffer.from(`${encode(unencoded)}.${JSON.stringify(claims)}`));
  return {
    'crit of an unknown member': withHeader({ crit: ['unheard'], unheard: 1 }),
    'crit of a known member': withHeader({ crit: ['exp'], exp: 1 }),
    'crit of a member that is not there': withHeader({ crit: ['exp'] }),
    'crit empty': withHeader({ crit: [] }),
    'crit no array': withHeader({ crit: 'exp' }),
    'b64 false': withHeader({ b64: false }),
    'b64 false and critical': withHeader({ b64: false, crit: ['b64'] }),
    'b64 false, payload signed as it is': `${encode(unencoded)}.${encode(claims)}.${signature.toString('base64url')}`,
    'b64 true and critical': withHeader({ b64: true, crit: ['b64'] }),
    'zip DEF': withHeader({ zip: 'DEF' }),
    'cty JWT': withHeader({ cty: 'JWT' }),
    'typ JWT': withHeader({ typ: 'JWT' }),
    'typ missing': withHeader({ typ: undefined }),
    'typ in capitals': withHeader({ typ: 'AT+JWT' }),
    'typ with a parameter': withHeader({ typ: 'at+jwt; a=b' }),
    'typ of an ID token’s log-out': withHeader({ typ: 'logout+jwt' }),
    'typ dpop+jwt': withHeader({ typ: 'dpop+jwt' }),
    'typ null': withHeader({ typ: null }),
    'typ in an array': withHeader({ typ: ['at+jwt'] }),
    'a member more': withHeader({ unheard: 1 }),
  };
};

const retiredKey = ({ sealed, header, claims }: Forge, { retired }: ForgeryContext): Forged =>
  retired
    ? {
        'a retired key': sealed({ ...header, kid: retired.kid }, claims, (input) =>
          sign(null, input, retired.privateKey),
        ),
      }
    : {};

export const headerForgeries = (forge: Forge, context: ForgeryContext): Forged => ({
  ...keyIds(forge),
  ...ownKeys(forge),
  ...meanings(forge),
  ...retiredKey(forge, context),
});
