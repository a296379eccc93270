// The health check of the hub's container, which has no curl: exit code 0 while the hub answers /healthz.
import { request as requestClear } from 'node:http';
import { request as requestSecure } from 'node:https';
import process from 'node:process';

const TIMEOUT_MS = 2_000;
const { ACT_PORT = '3000', ACT_TLS_CERT } = process.env;
const request = ACT_TLS_CERT ? requestSecure : requestClear;

const fail = (reason) => {
  console.error(`not healthy: ${reason}`);
  process.exit(1);
};

request(
  {
    host: '127.0.0.1',
    port: ACT_PORT,
    path: '/healthz',
    // The call stays in this container; the certificate is for the name that others call.
    rejectUnauthorized: false,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  },
  ({ statusCode }) => (statusCode === 200 ? process.exit(0) : fail(`it answers ${statusCode}`)),
)
  .on('error', ({ message }) => fail(message))
  .end();
