import { once } from 'node:events';
import type { FileStat, HandsetFiles, HandsetProcess } from './handset-os.js';

const FORMAT = '%f %s %Y %i %h %u %g';
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/No such file or directory/, 'ENOENT'],
  [/Permission denied/, 'EACCES'],
  [/No space left on device/, 'ENOSPC'],
  [/Not a directory/, 'ENOTDIR'],
  [/Is a directory/, 'EISDIR'],
  [/File exists/, 'EEXIST'],
  [/Read-only file system/, 'EROFS'],
  [/File name too long/, 'ENAMETOOLONG'],
  [/Too many levels of symbolic links/, 'ELOOP'],
];

type Start = (words: readonly string[]) => HandsetProcess;

/** Files as the shell user has them: every access is made by a program that runs as that user. */
export class ShellFiles implements HandsetFiles {
  readonly #start: Start;

  constructor(start: Start) {
    this.#start = start;
  }

  async stat(path: string, followLinks: boolean): Promise<FileStat> {
    const follow = followLinks ? ['-L'] : [];
    const said = await this.#run(['/system/bin/stat', ...follow, '-c', FORMAT, path]);
    return parseStat(said.trim());
  }

  async list(path: string): Promise<readonly { readonly name: string; readonly stat: FileStat }[]> {
    // Names may hold anything but NUL and slash; NUL ends each record.
    const script = `cd "$1" && find . -maxdepth 1 -exec stat -c '${FORMAT} %n' {} \\; -exec printf '\\0' \\;`;
    const said = await this.#run(['/system/bin/sh', '-c', script, 'list', path]);
    return said
      .split('\0')
      .filter((record) => record.trim() !== '')
      .map((record) => {
        const fields = record.replace(/\n$/, '');
        const at = nthSpace(fields, 7);
        return {
          name: fields.slice(at + 1).replace(/^\.\//, ''),
          stat: parseStat(fields.slice(0, at)),
        };
      });
  }

  async write(path: string, mode: number, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const script = 'mkdir -p "$' + '{1%/*}/" && rm -f "$1" && cat >"$1" && chmod "$2" "$1"';
    const octal = (mode & 0o777).toString(8);
    const process = this.#start(['/system/bin/sh', '-c', script, 'write', path, octal]);
    const complaint = collect(process.stderr);
    let ended = false;
    const exit = process.exit.finally(() => {
      ended = true;
    });
    for await (const chunk of chunks) {
      if (ended) break;
      if (!process.stdin.write(chunk)) await Promise.race([once(process.stdin, 'drain'), exit]);
    }
    process.stdin.end();
    if ((await exit) !== 0) throw reasonOf((await complaint).toString(), path);
  }

  async *read(path: string): AsyncIterable<Uint8Array> {
    const process = this.#start(['/system/bin/cat', path]);
    const complaint = collect(process.stderr);
    process.stdin.end();
    try {
      for await (const chunk of process.stdout) yield chunk as Uint8Array;
      if ((await process.exit) !== 0) throw reasonOf((await complaint).toString(), path);
    } finally {
      process.kill();
    }
  }

  async #run(words: readonly string[]): Promise<string> {
    const process = this.#start(words);
    process.stdin.end();
    const [stdout, stderr, exit] = await Promise.all([
      collect(process.stdout),
      collect(process.stderr),
      process.exit,
    ]);
    if (exit !== 0) throw reasonOf(stderr.toString(), words.at(-1) ?? '');
    return stdout.toString();
  }
}

async function collect(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function nthSpace(text: string, count: number): number {
  let at = -1;
  for (let seen = 0; seen < count; seen += 1) at = text.indexOf(' ', at + 1);
  return at;
}

function parseStat(text: string): FileStat {
  const [mode = '0', ...rest] = text.split(' ');
  const [size = 0, mtime = 0, ino = 0, nlink = 0, uid = 0, gid = 0] = rest.map(Number);
  return { mode: Number.parseInt(mode, 16), size, mtime, ino, nlink, uid, gid };
}

/** A Node-like error with the `code` of the reason that the program gave in words. */
function reasonOf(complaint: string, path: string): NodeJS.ErrnoException {
  const code = REASONS.find(([pattern]) => pattern.test(complaint))?.[1] ?? 'EIO';
  const said = complaint.trim().split('\n').at(-1) ?? '';
  return Object.assign(new Error(`${code}: ${said}, '${path}'`), { code });
}
