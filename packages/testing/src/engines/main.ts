// npm run engines: a Redis and a Kafka for a developer's hub, until Ctrl-C.
import { installEngines } from './install.ts';
import { startKafka } from './kafka-broker.ts';
import { startRedis } from './redis-server.ts';

installEngines((line) => console.error(line));
const redis = await startRedis();
const kafka = await startKafka();
console.log(`export REDIS_URL=${redis.url} KAFKA_BROKERS=${kafka.brokers}`);
const stop = async (): Promise<void> => {
  await Promise.all([redis.stop(), kafka.stop()]);
  process.exit(0);
};
process.once('SIGINT', () => void stop());
process.once('SIGTERM', () => void stop());
