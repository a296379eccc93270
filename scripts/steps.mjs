// Runs steps one after another, tells each result, and ends with one line: N passed, N failed.
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';

const runOne = ({ command: [program, args], report }) =>
  new Promise((resolve) => {
    if (report) rmSync(report, { force: true });
    const child = spawn(program, args, { stdio: 'inherit' });
    child.on('error', (error) => resolve({ passed: 0, failed: 1, note: error.message }));
    child.on('exit', (code, signal) => {
      const note = signal ? `ended by ${signal}` : undefined;
      try {
        const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(
          readFileSync(report ?? '', 'utf8'),
        );
        // A suite that could not be loaded fails without a failed test.
        const failed = Math.max(numFailedTests, code === 0 ? 0 : 1);
        resolve({ passed: numPassedTests, failed, skipped: numPendingTests, note });
      } catch {
        resolve({ passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, note });
      }
    });
  });

/** Exit code: 0 when everything passed, and nothing was left out where everything was asked for. */
export const runSteps = async (steps, { all = false } = {}) => {
  const total = { passed: 0, failed: 0 };
  const leftOut = [];
  for (const step of steps) {
    if (step.needs) {
      leftOut.push(`${step.name}: needs ${step.needs}`);
      continue;
    }
    console.log(`\n── ${step.name}`);
    const started = Date.now();
    const { passed, failed, skipped = 0, note } = await runOne(step);
    total.passed += passed;
    total.failed += failed;
    if (skipped > 0) leftOut.push(`${step.name}: ${skipped} tests skipped`);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.log(
      `── ${step.name}: ${failed === 0 ? 'passed' : 'FAILED'} (${passed} passed, ${failed} failed, ${seconds} s)${note ? ` ${note}` : ''}`,
    );
  }
  for (const one of leftOut) console.log(`left out: ${one}`);
  if (all && leftOut.length > 0) total.failed += leftOut.length;
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 ? 0 : 1;
};
