import { idempotencyRules } from '../../../test/idempotency-rules.ts';
import { openRest } from '../../../test/rest-door.ts';

idempotencyRules('REST', openRest);
