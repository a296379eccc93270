import { defineCommand, jsonOption } from '../cli/command.ts';
import { EXIT } from '../cli/failure.ts';
import { writeSecrets } from '../up/write-secrets.ts';

export const secrets = defineCommand({
  name: 'secrets',
  summary: 'Make the secrets of a hub in containers, a file each.',
  positionals: [{ name: 'DIR', summary: 'where; what is there already is kept' }],
  options: {
    database: {
      type: 'string',
      hint: 'HOST[:PORT]',
      summary: 'the database that the URLs name (else postgres, as compose.yaml calls it)',
    },
    ...jsonOption,
  },
  details: [
    'The owner’s API key, the master key, the passwords of the database, and the two URLs that have them.',
    'Other users are kept out by the mode of DIR (0700): the files are read by users that a container chose.',
  ],
  examples: ['act secrets deploy/secrets'],
  async run({ values, positionals: [folder = ''], output }) {
    const { makeKey } = await import('@agentmix/act-hub');
    const written = await writeSecrets(folder, values.database ?? 'postgres', makeKey);
    output.json({ written });
    output.line(written.length === 0 ? 'all of them were there' : `made: ${written.join(', ')}`);
    return EXIT.ok;
  },
});
