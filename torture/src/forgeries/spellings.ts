import { gzipSync } from 'node:zlib';
import type { Forge, Forged } from './forge.ts';
import { encode } from './forge.ts';

/** The order of Ed25519’s group, little-endian. */
const ORDER = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;

const littleEndian = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((value, byte) => value * 256n + BigInt(byte), 0n);
const toLittleEndian = (value: bigint): Buffer =>
  Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();

const changed = ({ token, header, claims }: Forge): Forged => {
  const [head = '', body = '', signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const flipped = (at: number): string => {
    const copy = Buffer.from(bytes);
    copy[at] = (copy[at] ?? 0) ^ 1;
    return copy.toString('base64url');
  };
  const [r, s] = [bytes.subarray(0, 32), bytes.subarray(32)];
  const identity = Buffer.alloc(32);
  identity[0] = 1;
  const withSignature = (parts: Buffer[]): string =>
    `${head}.${body}.${Buffer.concat(parts).toString('base64url')}`;
  return {
    'claims changed under the signature': `${head}.${encode({ ...claims, rol: 'admin' })}.${signature}`,
    'header changed under the signature': `${encode({ ...header, typ: 'JWT' })}.${body}.${signature}`,
    'first bit of the signature': `${head}.${body}.${flipped(0)}`,
    'last byte of R': `${head}.${body}.${flipped(31)}`,
    'last byte of the signature': `${head}.${body}.${flipped(63)}`,
    'S plus the order of the group': withSignature([r, toLittleEndian(littleEndian(s) + ORDER)]),
    'S negated': withSignature([r, toLittleEndian(ORDER - littleEndian(s))]),
    'R and S exchanged': withSignature([s, r]),
    'R the neutral element, S zero': withSignature([identity, Buffer.alloc(32)]),
    'signature twice': withSignature([bytes, bytes]),
    'signature cut': withSignature([bytes.subarray(0, 63)]),
    'signature in hexadecimal': `${head}.${body}.${bytes.toString('hex')}`,
    'signature of the claims alone': `${head}.${body}.${encode(s)}`,
  };
};

const cut = ({ token }: Forge): Forged => {
  const [head = '', body = '', signature = ''] = token.split('.');
  return {
    nothing: '',
    'one dot': '.',
    'two dots': '..',
    'four dots': '....',
    'a word': 'null',
    'header alone': head,
    'header and claims': `${head}.${body}`,
    'without claims': `${head}..${signature}`,
    'without header': `.${body}.${signature}`,
    'without the last character': token.slice(0, -1),
    'without the first character': token.slice(1),
    'a fourth part': `${token}.${signature}`,
    'an empty fourth part': `${token}.`,
    twice: `${token}${token}`,
    'twice, with a comma': `${token},${token}`,
    'with its scheme': `Bearer ${token}`,
    'in quotes': `"${token}"`,
    'in lower case': token.toLowerCase(),
    backwards: token.split('').toReversed().join(''),
  };
};

const paddings = ({ token }: Forge): Forged => {
  const [head = '', body = '', signature = ''] = token.split('.');
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const nextLetter = alphabet.charAt(alphabet.indexOf(signature.slice(-1)) + 1);
  return {
    'padding behind the header': `${head}=.${body}.${signature}`,
    'padding behind the claims': `${head}.${body}==.${signature}`,
    'padding behind the signature': `${head}.${body}.${signature}==`,
    'padding encoded': `${head}.${body}.${signature}%3D%3D`,
    'unused bits set': `${token.slice(0, -1)}${nextLetter}`,
    'a space in front': ` ${token}`,
    'a space behind': `${token} `,
    'a line behind': `${token}\n`,
    'a line within': `${head}.${body.slice(0, 20)}\n${body.slice(20)}.${signature}`,
    'a space within': `${head}.${body.slice(0, 20)} ${body.slice(20)}.${signature}`,
    'a tab around the dots': `${head}\t.\t${body}.${signature}`,
    'a NUL behind': `${token}\0`,
    'a zero-width space behind': `${token}\u200b`,
    'a byte order mark in front': `\ufeff${token}`,
    'a full-width dot': `${head}\uff0e${body}.${signature}`,
    'a full-width letter': `${head}.${body}.${signature.slice(0, -1)}Ａ`,
    'a letter with a Kelvin sign': `${head}.${body}.\u212a${signature.slice(1)}`,
    'the alphabet with + and /': `${head}.${body}.${`+/${signature.slice(2)}`}`,
    'a dot encoded': `${head}%2e${body}.${signature}`,
  };
};

/** Signed by the hub’s key, and not as the hub writes: two readers could read them differently. */
const jsonTexts = ({ sealed, header, claims, respelled }: Forge): Forged => {
  const same = (text: string): string => text;
  const body = JSON.stringify(claims);
  const withBody = (part: string | Buffer): string => sealed(header, part);
  return {
    'sub twice': respelled(same, (text) =>
      text.replace('{', '{"sub":"00000000-0000-7000-8000-000000000001",'),
    ),
    'rol twice': respelled(same, (text) => text.replace(/}$/, ',"rol":"admin"}')),
    'exp twice': respelled(same, (text) => text.replace(/}$/, ',"exp":99999999999}')),
    'alg twice': respelled((text) => text.replace('{', '{"alg":"none",'), same),
    'kid twice': respelled((text) => text.replace('{', '{"kid":"A",'), same),
    'sub in escapes': respelled(same, (text) => text.replace('"sub"', '"\\u0073ub"')),
    'alg in escapes': respelled((text) => text.replace('"EdDSA"', '"\\u0045dDSA"'), same),
    'spaces in the header': respelled((text) => text.replace(':', ': '), same),
    'spaces in the claims': respelled(same, (text) => text.replace(':', ': ')),
    'a line behind the claims': respelled(same, (text) => `${text}\n`),
    'exp as 1.0': respelled(same, (text) => text.replace(/"exp":(\d+)/, '"exp":$1.0')),
    'exp as a power of ten': respelled(same, (text) => text.replace(/"exp":(\d+)/, '"exp":$1e0')),
    '__proto__ in the header': respelled((text) => text.replace('{', '{"__proto__":{"alg":"EdDSA"},'), same),
    'claims in an array': withBody(`[${body}]`),
    'claims in a string': withBody(JSON.stringify(body)),
    'claims null': withBody('null'),
    'claims a number': withBody('1'),
    'claims empty': withBody('{}'),
    'claims no JSON': withBody('sub=admin'),
    'claims with a comment': withBody(body.replace('{', '{/* */')),
    'claims with a comma behind': withBody(body.replace(/}$/, ',}')),
    'claims with another object behind': withBody(`${body}{}`),
    'claims with a byte order mark': withBody(`\ufeff${body}`),
    'claims in UTF-16': withBody(Buffer.from(body, 'utf16le')),
    'claims not UTF-8': withBody(
      Buffer.concat([Buffer.from(body.replace(/}$/, ',"a":"')), Buffer.from([0xff, 0x22, 0x7d])]),
    ),
    'claims with overlong UTF-8': withBody(
      Buffer.concat([Buffer.from(body.replace(/}$/, ',"a":"')), Buffer.from([0xc0, 0x80, 0x22, 0x7d])]),
    ),
    'claims compressed': withBody(gzipSync(body)),
    'header in an array': sealed([header], claims),
    'header in a string': sealed(JSON.stringify(JSON.stringify(header)), claims),
    'header null': sealed('null', claims),
    'header empty': sealed('{}', claims),
    'header no JSON': sealed('EdDSA', claims),
  };
};

export const spellingForgeries = (forge: Forge): Forged => ({
  ...changed(forge),
  ...cut(forge),
  ...paddings(forge),
  ...jsonTexts(forge),
});
