#!/usr/bin/env node
import { runAct } from './run-act.ts';

process.exitCode = await runAct(process.argv.slice(2));
