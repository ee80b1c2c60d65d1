import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Host ids of the children of a process; none where it is gone. */
export function childrenOf(pid: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch {
    return [];
  }
}

/** Sends a signal to a process that may have ended meanwhile. */
export function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself, which is what the signal was for.
  }
}

/** Exit code of a child: 129 where a signal ended it, 127 where it could not be started. */
export function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode ?? 129);
    child.once('exit', (code) => resolve(code ?? 129));
    child.once('error', () => resolve(127));
  });
}
