import type { Readable, Writable } from 'node:stream';

export interface Banner {
  readonly state: 'device' | 'recovery' | 'sideload' | 'rescue' | 'bootloader';
  /** Android 6 to 8 speak 0x01000000 (with checksums), later ones 0x01000001. */
  readonly version: number;
  readonly maxPayload: number;
  readonly properties: Readonly<Record<string, string>>;
  readonly features: readonly string[];
}

export interface HandsetProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exit: Promise<number>;
  kill(): void;
}

export interface FileStat {
  readonly mode: number;
  readonly size: number;
  readonly mtime: number;
  readonly ino: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
}

/** File access as the shell user has it. Failures are errors with a Node `code` such as ENOENT. */
export interface HandsetFiles {
  stat(path: string, followLinks: boolean): Promise<FileStat>;
  list(path: string): Promise<readonly { readonly name: string; readonly stat: FileStat }[]>;
  write(path: string, mode: number, chunks: AsyncIterable<Uint8Array>): Promise<void>;
  read(path: string): AsyncIterable<Uint8Array>;
}

/** What the adb daemon of a simulated handset asks of the system behind it. */
export interface HandsetOs {
  banner(): Banner;
  /** `open`: no AUTH at all (trade-in mode, recovery); otherwise the base64 of each trusted 524-byte adb public key. */
  trustedKeys(): 'open' | readonly string[];
  /** A host offered its key; resolves when the person allowed it, rejects or stays pending otherwise. */
  offerKey(publicKeyBase64: string): Promise<void>;
  /** Whether a service such as `shell,v2,raw:ls` may be opened now. */
  accepts(service: string): boolean;
  run(command: string): HandsetProcess;
  readonly files: HandsetFiles;
  /** The host has its OKAY; the stream stays open until the handset's connections are dropped. */
  reboot(target: string): void;
}

/** Misbehaviour of the wire itself, looked at for every packet or stream. */
export interface WireFaults {
  /** Cut the connection after this many more bytes to the host. Counts down; removed when it fires. */
  cutAfterBytes?: number;
  /** Send random bytes instead of the answer to the next OPEN. Cleared when it fires. */
  garbage?: boolean;
  /** Accept every OPEN and then say nothing. */
  mute?: boolean;
}
