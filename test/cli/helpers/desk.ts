import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Test } from 'tap';
import { verifyCommand } from '../../../src/cli/verify.js';
import { testKey } from '../../ledger/helpers/facts.js';
import { freshFolder } from '../../ledger/helpers/ledgers.js';

type Command = typeof verifyCommand;

export async function run(command: Command, ...args: string[]) {
  let [out, err] = ['', ''];
  const stdout = { write: (text: string) => (out += text) };
  const code = await command(args, { stdout, stderr: { write: (text: string) => (err += text) } });
  return { code, out, err };
}

export async function desk(t: Test) {
  const dir = await freshFolder(t);
  const [file, key] = [join(dir, 'certificate.json'), join(dir, 'public.pem')];
  await writeFile(key, testKey().publicPem);
  const check = async (text: string | Uint8Array, ...more: string[]) => {
    await writeFile(file, text);
    return run(verifyCommand, file, '--key', key, ...more);
  };
  return { dir, file, key, check };
}
