import { defineCommand, jsonOption } from '../cli/command.ts';
import { EXIT } from '../cli/failure.ts';
import { explainStart } from '../up/explain-start.ts';

export const migrate = defineCommand({
  name: 'migrate',
  summary: 'Make the schema of a database of yours, or bring it up to date, and end.',
  options: jsonOption,
  details: [
    'ACT_MIGRATE_URL, or the file that ACT_MIGRATE_URL_FILE names, tells the database and a user who may do it; else',
    'DATABASE_URL. Several at once are no harm. Hubs of this release then start as act_app, which may not do it.',
  ],
  async run({ output }) {
    const { migrateDatabase, readConfig } = await import('@agentmix/act-hub');
    try {
      const applied = await migrateDatabase(readConfig());
      output.json({ applied });
      output.line(
        applied.length === 0 ? 'the schema is up to date' : `the schema has now ${applied.join(', ')}`,
      );
    } catch (error) {
      throw explainStart(error, 0);
    }
    return EXIT.ok;
  },
});
