import { type FrameworkCommand, refuse, say } from './command.js';

const TABLES = ['global', 'secure', 'system'] as const;

/** `settings get|put|delete|list [--user N] TABLE [KEY [VALUE]]` (AOSP SettingsProvider, SettingsService). */
export const settings: FrameworkCommand = (state, given) => {
  const args = [...given];
  const user = args.indexOf('--user');
  if (user >= 0) args.splice(user, 2);
  const [verb, tableName, name, value] = args;
  const table = TABLES.find((known) => known === tableName);
  if (!table) return refuse(255, `Invalid namespace '${tableName ?? ''}'`);
  const rows = state.settings[table];
  switch (verb) {
    case 'get':
      if (name === undefined) return refuse(255, 'Bad arguments');
      return say([rows[name] ?? 'null']);
    case 'list':
      return say(Object.entries(rows).map(([key, held]) => `${key}=${held}`));
    case 'put':
      if (name === undefined || value === undefined) return refuse(255, 'Bad arguments');
      return say('', [{ type: 'setting', table, name, value }]);
    case 'delete':
      if (name === undefined) return refuse(255, 'Bad arguments');
      return say(
        [`Deleted ${name in rows ? 1 : 0} rows`],
        [{ type: 'setting', table, name, value: null }],
      );
    default:
      return refuse(255, `Invalid command: ${verb ?? ''}`);
  }
};
