import type { Writable } from 'node:stream';

/** Where a command speaks. */
export interface CommandIo {
  readonly stdout: Pick<Writable, 'write'>;
  readonly stderr: Pick<Writable, 'write'>;
}

/** Exit codes of sysexits.h, as far as they are used. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 64,
  unavailable: 69,
  software: 70,
  locked: 75,
  config: 78,
  interrupted: 130,
} as const;
