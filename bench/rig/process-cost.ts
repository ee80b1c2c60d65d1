import { readFile } from 'node:fs/promises';
import { SarachiError } from '../../src/errors.js';
import { command } from './command.js';

export interface ProcessCost {
  /** User and system time since the start of the process. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly peakResidentBytes: number;
}

/** What a process has cost so far, by proc(5). */
export async function processCost(pid: number, signal: AbortSignal): Promise<ProcessCost> {
  const [stat, status, ticks] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/status`, 'utf8'),
    command('getconf', ['CLK_TCK'], { signal }),
  ]);
  // The name in parentheses may hold spaces; fields 14 and 15 are counted from behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const bytes = (name: string) => {
    const kib = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    if (kib === undefined) throw new SarachiError('internal', { tag: 'proc-status', name });
    return Number(kib) * 1024;
  };
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / Number(ticks),
    residentBytes: bytes('VmRSS'),
    peakResidentBytes: bytes('VmHWM'),
  };
}
