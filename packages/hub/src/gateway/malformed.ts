import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { problemOf, refusal } from '@agentmix/act-contract';
import { securityHeaders } from './security-headers.ts';

const PROBLEM = problemOf(refusal('malformed_body', 'the request is not proper HTTP'));

/** As text: no response can be made for what is no request. The connection ends with it. */
const answerText = (isStrict: boolean): string => {
  const body = JSON.stringify(PROBLEM);
  const headers = {
    ...securityHeaders(isStrict),
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${PROBLEM.status} ${STATUS_CODES[PROBLEM.status]}`, ...lines, '', body].join('\r\n');
};

export type AnswerMalformed = (error: { readonly code?: string }, socket: Socket) => void;

/**
 * Answers what cannot be read as HTTP. Too many bytes of headers and too little speed are left without an answer: a
 * page that was rebound to this hub can bring both about, and nothing tells its Host. `isStrict`: the hub has a name
 * of its own and TLS before it; which name was called, nobody can read.
 */
export const makeMalformedAnswer = (isStrict: boolean): AnswerMalformed => {
  const answer = answerText(isStrict);
  return (error, socket) => {
    const isWrong = error.code?.startsWith('HPE_') && error.code !== 'HPE_HEADER_OVERFLOW';
    if (!isWrong || !socket.writable) return void socket.destroy();
    socket.end(answer);
  };
};
