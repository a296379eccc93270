import { homedir } from 'node:os';
import { findPlace } from '@agentmix/act-agents';
import { defineCommand, jsonOption } from '../cli/command.ts';
import { EXIT } from '../cli/failure.ts';
import type { Finding } from '../join/finding.ts';
import { examine } from '../join/examine.ts';
import { setupOf } from '../join/clients.ts';
import { findRepository } from '../join/repository.ts';
import { printable } from '../terminal/printable.ts';

const NOT_JOINED: Finding = {
  what: 'repository',
  is: 'is not joined: no hook does anything here',
  mend: 'join it: act join',
};

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'What is wrong between the agents here and the hub, and how to mend it.',
  options: { ...jsonOption },
  async run({ output, surroundings }) {
    const home = homedir();
    const repository = await findRepository(process.cwd());
    const place = findPlace(process.cwd(), home);
    const { env, asCalled } = surroundings;
    const found = place
      ? await examine(place.project, await setupOf(env, home, repository.root), place.top)
      : [NOT_JOINED];
    const findings = found.map((one): Finding =>
      one.mend === undefined ? one : { ...one, mend: asCalled(one.mend) },
    );
    const isWell = findings.every(({ mend }) => mend === undefined);
    output.json({ ok: isWell, findings });
    const { style } = output;
    for (const { what, is, mend } of findings) {
      const mark = mend === undefined ? style.green('ok  ') : style.red('fix ');
      output.line(`${mark} ${style.bold(what.padEnd(11))} ${printable(is)}`);
      if (mend !== undefined) output.line(`     ${' '.repeat(11)} ${mend}`);
    }
    return isWell ? EXIT.ok : EXIT.failed;
  },
});
