export interface Accounts {
  /** Over all users. Null: nothing that can be relied on was said. */
  readonly count: number | null;
  /** Account types such as `com.google`, without the names. */
  readonly types: readonly string[];
}

/**
 * Reads `dumpsys account`: `Accounts: N` once per user, and one `Account {name=…, type=…}` line each (AOSP
 * AccountManagerService.dump). The names are a person's data and are not kept. Where counts and lines disagree the
 * larger number is taken: too many is the safe side.
 */
export function parseAccounts(text: string): Accounts {
  const counts = [...text.matchAll(/^[ \t]*Accounts: (\d{1,6})\s*$/gm)].map(([, count]) =>
    Number(count),
  );
  const types = [
    ...text.matchAll(/^[ \t]*Account \{name=[^\n]{0,400}?, type=([\w.-]{1,100})\}/gm),
  ].map(([, type]) => type ?? '');
  if (counts.length === 0)
    return { count: types.length > 0 ? types.length : null, types: distinct(types) };
  const said = counts.reduce((sum, count) => sum + count, 0);
  return { count: Math.max(said, types.length), types: distinct(types) };
}

function distinct(types: readonly string[]): string[] {
  return [...new Set(types)].slice(0, 16);
}
