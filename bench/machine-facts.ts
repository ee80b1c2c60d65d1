import { execFile } from 'node:child_process';
import os from 'node:os';
import process from 'node:process';
import { promisify } from 'node:util';
import type { JsonObject } from '../src/evidence.js';

const execute = promisify(execFile);

/** Where and on what the numbers were made. What cannot be found out is null. */
export async function machineFacts(): Promise<JsonObject> {
  const [cpu] = os.cpus();
  return {
    date: new Date().toISOString(),
    commit: await said('git', ['rev-parse', 'HEAD']),
    uncommitted: (await said('git', ['status', '--porcelain'])) !== '',
    cpu: cpu?.model ?? null,
    cores: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    kernel: `${os.type()} ${os.release()}`,
    node: process.version,
    adb: (await said('adb', ['version']))?.split('\n').slice(0, 2).join(', ') ?? null,
    loadBefore: os.loadavg(),
  };
}

async function said(program: string, args: readonly string[]): Promise<string | null> {
  return await execute(program, [...args]).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );
}
