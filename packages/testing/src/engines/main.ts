// npm run engines: a Kafka for a developer's hub, until Ctrl-C.
import { installEngines } from './install.ts';
import { startKafka } from './kafka-broker.ts';

installEngines((line) => console.error(line));
const kafka = await startKafka();
console.log(`export KAFKA_BROKERS=${kafka.brokers}`);
const stop = async (): Promise<void> => {
  await kafka.stop();
  process.exit(0);
};
process.once('SIGINT', () => void stop());
process.once('SIGTERM', () => void stop());
