import { startHub } from '../src/start-hub.ts';

const [dataDir = ''] = process.argv.slice(2);

const hub = await startHub({ host: '127.0.0.1', port: 0, dataDir, logLevel: 'error' });
process.send?.({ url: hub.url, token: hub.token });
process.on('disconnect', () => void hub.stop().then(() => process.exit(0)));
