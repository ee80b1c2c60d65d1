// The compiler leaves the output of files that were moved or deleted, and tests would go on running from there.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

for (const top of ['src', 'test', 'bench']) {
  const root = path.join('dist', top);
  if (!existsSync(root)) continue;
  for (const name of readdirSync(root, { recursive: true })) {
    const source = path.join(top, name).replace(/\.js(\.map)?$/, '.ts');
    if (/\.js(\.map)?$/.test(name) && !existsSync(source)) rmSync(path.join(root, name), { force: true });
  }
}
