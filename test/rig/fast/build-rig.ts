import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { access, mkdir, readdir, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SOURCES = 'test/rig/fast';
/** Survives between runs, and goes with everything else that was built. */
const CACHE = 'dist/rig';
const SHIM = 'fstat-shim.c';
const PRELOAD = 'libumockdev-preload.so.0';

export interface BuiltRig {
  readonly rackProgram: string;
  /** The value of LD_PRELOAD for programs that are to see the emulated bus. */
  readonly preload: string;
}

/** Compiles what is older than its sources. Throws with the name of the Debian package that is missing. */
export async function buildRig(): Promise<BuiltRig> {
  await needs('gcc', ['--version'], 'gcc');
  await needs('pkg-config', ['--version'], 'pkg-config');
  await needs('pkg-config', ['--exists', 'umockdev-1.0'], 'libumockdev-dev');
  await needs('umockdev-run', ['--version'], 'umockdev');
  await mkdir(CACHE, { recursive: true });
  const names = await readdir(SOURCES);
  const rack = names.filter((name) => /\.[ch]$/.test(name) && name !== SHIM);
  const { stdout } = await run('pkg-config', [
    '--cflags',
    '--libs',
    'umockdev-1.0',
    'gio-unix-2.0',
  ]);
  const rackProgram = await compile('umock-rack', rack, stdout.trim().split(/\s+/));
  const shim = await compile('fstat-shim.so', [SHIM], ['-shared', '-fPIC', '-ldl']);
  return { rackProgram, preload: `${PRELOAD}:${shim}` };
}

async function needs(program: string, args: readonly string[], debian: string): Promise<void> {
  await run(program, [...args]).catch((cause: unknown) => {
    const hint = `Type:  sudo apt-get install -y --no-install-recommends ${debian}`;
    throw new Error(`the fast rig needs the Debian package ${debian}. ${hint}`, { cause });
  });
}

async function compile(name: string, sources: readonly string[], flags: string[]) {
  const output = path.resolve(CACHE, name);
  const files = sources.map((source) => path.join(SOURCES, source));
  if (await isNewer(output, files)) return output;
  // Tests run side by side: each builds for itself, and the last rename wins.
  const own = `${output}.${randomUUID()}`;
  const units = files.filter((file) => file.endsWith('.c'));
  await run('gcc', ['-Wall', '-Wextra', '-Werror', '-O1', '-o', own, ...units, ...flags]);
  await rename(own, output);
  return output;
}

async function isNewer(output: string, files: readonly string[]): Promise<boolean> {
  const there = await access(output).then(
    () => true,
    () => false,
  );
  if (!there) return false;
  const built = (await stat(output)).mtimeMs;
  const changed = await Promise.all(files.map(async (file) => (await stat(file)).mtimeMs));
  return changed.every((time) => time < built);
}
