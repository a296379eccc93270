// Runs steps one after another, tells each result, and ends with what failed and one line: N passed, N failed.
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import process from 'node:process';

const TAIL_LENGTH_MAX = 2_000;

/** What failed, in words: the tests of the report with their first lines of reason. */
const failuresIn = ({ testResults }) =>
  testResults.flatMap(({ name, message, assertionResults }) => {
    const tests = assertionResults.filter(({ status }) => status === 'failed');
    if (tests.length === 0) return message ? [`${name}: ${message}`] : [];
    return tests.map(({ fullName, failureMessages }) =>
      `${name}: ${fullName}\n${failureMessages.join('\n')}`.slice(0, TAIL_LENGTH_MAX),
    );
  });

const runOne = ({ command: [program, args], report }) =>
  new Promise((resolve) => {
    if (report) rmSync(report, { force: true });
    // What has a report tells its failures there; of the others the last lines are kept.
    const child = spawn(program, args, { stdio: ['inherit', report ? 'inherit' : 'pipe', 'inherit'] });
    let tail = '';
    child.stdout?.on('data', (bytes) => {
      process.stdout.write(bytes);
      tail = (tail + bytes).slice(-TAIL_LENGTH_MAX);
    });
    child.on('error', (error) => resolve({ passed: 0, failed: 1, note: error.message, failures: [] }));
    child.on('close', (code, signal) => {
      const note = signal ? `ended by ${signal}` : undefined;
      try {
        const told = JSON.parse(readFileSync(report ?? '', 'utf8'));
        // A suite that could not be loaded fails without a failed test.
        const failed = Math.max(told.numFailedTests, code === 0 ? 0 : 1);
        const failures = failuresIn(told);
        resolve({ passed: told.numPassedTests, failed, skipped: told.numPendingTests, note, failures });
      } catch {
        const isPassed = code === 0;
        resolve({
          passed: isPassed ? 1 : 0,
          failed: isPassed ? 0 : 1,
          note,
          failures: isPassed ? [] : [tail],
        });
      }
    });
  });

/** Exit code: 0 when everything passed, and nothing was left out where everything was asked for. */
export const runSteps = async (steps, { all = false } = {}) => {
  const total = { passed: 0, failed: 0 };
  const leftOut = [];
  const failing = [];
  for (const step of steps) {
    if (step.needs) {
      leftOut.push(`${step.name}: needs ${step.needs}`);
      continue;
    }
    console.log(`\n── ${step.name}`);
    const started = Date.now();
    const { passed, failed, skipped = 0, note, failures } = await runOne(step);
    total.passed += passed;
    total.failed += failed;
    failing.push(...failures.map((failure) => `${step.name}: ${failure}`));
    if (skipped > 0) leftOut.push(`${step.name}: ${skipped} tests skipped`);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.log(
      `── ${step.name}: ${failed === 0 ? 'passed' : 'FAILED'} (${passed} passed, ${failed} failed, ${seconds} s)${note ? ` ${note}` : ''}`,
    );
  }
  for (const one of failing) console.log(`\nfailed: ${one}`);
  for (const one of leftOut) console.log(`left out: ${one}`);
  if (all && leftOut.length > 0) total.failed += leftOut.length;
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 ? 0 : 1;
};
