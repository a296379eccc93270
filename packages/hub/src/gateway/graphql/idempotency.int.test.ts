import { idempotencyRules } from '../../../test/idempotency-rules.ts';
import { openGraphql } from '../../../test/graphql-door.ts';

idempotencyRules('GraphQL', openGraphql);
