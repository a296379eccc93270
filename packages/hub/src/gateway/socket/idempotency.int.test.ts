import { idempotencyRules } from '../../../test/idempotency-rules.ts';
import { openSocket } from '../../../test/socket-door.ts';

idempotencyRules('Socket.IO', openSocket);
