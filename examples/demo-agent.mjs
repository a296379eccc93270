// What `act demo` runs for every task: it pretends to work for 0.3 to 1 s in five steps, and tells after each how far it is
// and where another agent could go on. It begins where the agent before it stopped.
import { setTimeout as sleep } from 'node:timers/promises';

const STEPS = 5;
const task = JSON.parse(await new Response(process.stdin).text());
const note = task.checkpoint?.note ?? '';
const done = Number(/^step (\d)/.exec(note)?.[1] ?? 0);

// An estimate of two hours is 0.6 s here.
const minutes = task.estimatedTime ?? 60;
const stepMs = Math.min(1_000, Math.max(300, minutes * 5)) / STEPS;

for (let step = done + 1; step <= STEPS; step++) {
  await sleep(stepMs);
  const percent = Math.round((step / STEPS) * 100);
  console.log(`::act progress ${percent} step ${step} of ${STEPS}`);
  console.log(
    `::act checkpoint ${JSON.stringify({ note: `step ${step} of ${STEPS} by ${process.env.ACT_AGENT}` })}`,
  );
}
console.log(JSON.stringify({ steps: STEPS - done, resumedFrom: done }));
