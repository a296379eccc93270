import { defineCommand, jsonOption } from '../../cli/command.ts';
import { EXIT } from '../../cli/failure.ts';
import { connect } from '../../connection/connect.ts';
import type { Connection } from '../../connection/connect.ts';
import { connectProject, listProjects, projectOptions } from '../../connection/find-project.ts';

const rewrapProject = async (
  { command }: Connection,
  projectId: string,
): Promise<{ keyId: string; rewrapped: number; refused: number }> => {
  let [rewrapped, refused] = [0, 0];
  for (let after: string | undefined; ;) {
    const input = after === undefined ? {} : { after };
    const page = await command('the keys were not rewrapped', 'artifact.rewrap', projectId, input);
    rewrapped += page.rewrapped;
    refused += page.refused;
    if (page.next === undefined) return { keyId: page.keyId, rewrapped, refused };
    after = page.next;
  }
};

export const rewrap = defineCommand({
  name: 'artifact rewrap',
  summary: 'Encrypt the data keys of all files by the hub’s current master key; the files stay as they are.',
  options: { ...projectOptions, ...jsonOption },
  details: [
    'To change the master key: put the new one before the old one in ACT_MASTER_KEY or master.key, restart every hub,',
    'run this, and remove the old one when nothing was refused. Without --project it is done for all projects.',
  ],
  async run({ values, output, surroundings }) {
    const connection = await connect(values, surroundings);
    const isOne = values.project !== undefined;
    const projects = isOne
      ? [(await connectProject(values, surroundings)).project]
      : await listProjects(connection);
    let [keyId, rewrapped, refused] = ['', 0, 0];
    for (const { id } of projects) {
      const done = await rewrapProject(connection, id);
      keyId = done.keyId;
      rewrapped += done.rewrapped;
      refused += done.refused;
    }
    output.json({ keyId, rewrapped, refused });
    output.line(`${rewrapped} data keys are encrypted anew by master key ${keyId}`);
    if (refused === 0) return EXIT.ok;
    output.line(`${refused} are not: this hub has not the master key that encrypted them`);
    return EXIT.failed;
  },
});
