/** Number of users in `pm list users`, null when it did not list any. A work profile is a user of its own. */
export function parseUserCount(text: string): number | null {
  const users = text.match(/^[ \t]*UserInfo\{\d{1,6}:/gm);
  return users ? users.length : null;
}

/** Names in `pm list packages`, with or without the path of `-f`. */
export function parsePackages(text: string): readonly string[] {
  const names = [...text.matchAll(/^package:(?:\S*=)?([A-Za-z][\w.]{0,200})\s*$/gm)];
  return names.map(([, name]) => name ?? '');
}

/** Names in `pm list features`, without their versions. */
export function parseFeatures(text: string): ReadonlySet<string> {
  const names = [...text.matchAll(/^feature:([\w.-]{1,200})(?:=\d+)?\s*$/gm)];
  return new Set(names.map(([, name]) => name ?? ''));
}
