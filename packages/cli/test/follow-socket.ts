import { connectHub } from '@agentmix/act-client';

/** Asks the hub at ACT_URL over Socket.IO and prints whether it answered; its authority is in NODE_EXTRA_CA_CERTS. */
const hub = connectHub({
  url: process.env['ACT_URL'] ?? '',
  token: process.env['ACT_TOKEN'] ?? '',
  transport: 'socket.io',
  retry: { totalMs: 5_000 },
});
const listed = await hub
  .query('project.list', undefined, {})
  .catch((error: Error) => ({ ok: error.message }));
process.stdout.write(`${listed.ok}\n`);
await hub.close();
