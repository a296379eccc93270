import type { Row } from '../row.ts';
import { seededBugs } from './seeded-bugs.ts';
import { t01 } from './t01-claims-survive.ts';
import { t02 } from './t02-races.ts';
import { t03 } from './t03-zombies.ts';
import { t05 } from './t05-leases.ts';
import { t06 } from './t06-poison.ts';
import { t07 } from './t07-heartbeats.ts';
import { t10 } from './t10-linearizable.ts';
import { t11 } from './t11-events.ts';
import { t12 } from './t12-subscribers.ts';
import { t14 } from './t14-slow-readers.ts';
import { t15 } from './t15-listeners.ts';
import { t16 } from './t16-redis.ts';
import { t17 } from './t17-kafka.ts';
import { t18 } from './t18-database.ts';
import { t19 } from './t19-partitions.ts';
import { t22 } from './t22-rolling-deploy.ts';
import { t24 } from './t24-overload.ts';
import { t26 } from './t26-tokens.ts';
import { t27 } from './t27-sql.ts';
import { t28 } from './t28-access.ts';
import { t29 } from './t29-browser.ts';
import { t30 } from './t30-fuzz.ts';
import { t31 } from './t31-paths.ts';
import { t32 } from './t32-injection.ts';
import { t33 } from './t33-audit.ts';
import { t34 } from './t34-flood.ts';
import { t35 } from './t35-sealed.ts';
import { t37 } from './t37-reservations.ts';
import { t39 } from './t39-hooks.ts';
import { t40 } from './t40-worktrees.ts';

/** Every row of the torture table that exists. */
export const rows: readonly Row[] = [
  t01,
  t02,
  t03,
  t05,
  t06,
  t07,
  t10,
  t11,
  t12,
  t14,
  t15,
  t16,
  t17,
  t18,
  t19,
  t22,
  t24,
  t26,
  t27,
  t28,
  t29,
  t30,
  t31,
  t32,
  t33,
  t34,
  t35,
  t37,
  t39,
  t40,
  seededBugs,
];
