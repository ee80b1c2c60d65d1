import { mkdir, readdir, rm, rmdir, stat, utimes } from 'node:fs/promises';
import type { IphoneOs } from '../iphone-os.js';
import { BLOCK_BYTES } from '../storage.js';
import { AfcError } from './afc-error.js';
import type { OpenFiles } from './open-files.js';
import { AFC, AFC_ERROR, type AfcAnswer, type AfcPacket, statusAnswer, uint64 } from './packet.js';
import { hostPath, listed, pathPair, pathText } from './paths.js';

export interface Afc {
  readonly phone: IphoneOs;
  readonly files: OpenFiles;
  /** What this host sees as `/`: a folder of the phone, as a path of this host. */
  readonly root: string;
}

type Operation = (afc: Afc, packet: AfcPacket) => Promise<AfcAnswer>;

const OK = statusAnswer(AFC_ERROR.none);
const LONGEST_PATH = 4096;

function number(packet: AfcPacket, index: number): number {
  if (packet.head.length < index * 8 + 8) throw new AfcError(AFC_ERROR.invalidArgument);
  const value = Number(packet.head.readBigUInt64LE(index * 8));
  if (!Number.isSafeInteger(value)) throw new AfcError(AFC_ERROR.invalidArgument);
  return value;
}

/** The path that stands in the head after so many numbers. */
function path({ root }: Afc, packet: AfcPacket, numbers = 0): string {
  const bytes = packet.head.subarray(numbers * 8);
  if (bytes.length > LONGEST_PATH || pathText(bytes) === '')
    throw new AfcError(AFC_ERROR.invalidArgument);
  return hostPath(root, pathText(bytes));
}

function below(afc: Afc, file: string): string {
  if (file === afc.root) throw new AfcError(AFC_ERROR.denied);
  return file;
}

async function readDir(afc: Afc, packet: AfcPacket): Promise<AfcAnswer> {
  const names = await readdir(path(afc, packet));
  return { operation: AFC.data, data: listed(['.', '..', ...names.sort()]) };
}

async function fileInfo(afc: Afc, packet: AfcPacket): Promise<AfcAnswer> {
  const info = await stat(path(afc, packet), { bigint: true });
  const rows = [
    ['st_size', info.size],
    ['st_blocks', (info.size + 511n) / 512n],
    ['st_nlink', info.nlink],
    ['st_ifmt', info.isDirectory() ? 'S_IFDIR' : 'S_IFREG'],
    ['st_mtime', info.mtimeNs],
    ['st_birthtime', info.birthtimeNs],
  ];
  return { operation: AFC.data, data: listed(rows.flat().map(String)) };
}

async function deviceInfo({ phone }: Afc): Promise<AfcAnswer> {
  const { storage, state } = phone;
  const rows = [
    ['Model', state.profile.productType],
    ['FSTotalBytes', storage.capacity],
    ['FSFreeBytes', storage.free],
    ['FSBlockSize', BLOCK_BYTES],
  ];
  return { operation: AFC.data, data: listed(rows.flat().map(String)) };
}

async function removePath(afc: Afc, packet: AfcPacket): Promise<AfcAnswer> {
  const file = below(afc, path(afc, packet));
  if ((await stat(file)).isDirectory()) await rmdir(file);
  else await afc.phone.storage.remove(file);
  return OK;
}

async function removeAll(afc: Afc, packet: AfcPacket): Promise<AfcAnswer> {
  const file = below(afc, path(afc, packet));
  if (!(await stat(file)).isDirectory()) return removePath(afc, packet);
  const entries = await readdir(file, { recursive: true, withFileTypes: true });
  for (const entry of entries)
    if (entry.isFile()) await afc.phone.storage.remove(hostPath(entry.parentPath, entry.name));
  await rm(file, { recursive: true });
  return OK;
}

async function rename(afc: Afc, packet: AfcPacket): Promise<AfcAnswer> {
  const [from, to] = pathPair(packet.head).map((text) => below(afc, hostPath(afc.root, text)));
  if (from === undefined || to === undefined) throw new AfcError(AFC_ERROR.invalidArgument);
  await stat(from);
  await afc.phone.storage.move(from, to);
  return OK;
}

async function seek({ files }: Afc, packet: AfcPacket): Promise<AfcAnswer> {
  if (packet.head.length < 24) throw new AfcError(AFC_ERROR.invalidArgument);
  const offset = Number(packet.head.readBigInt64LE(16));
  await files.seek(number(packet, 0), number(packet, 1), offset);
  return OK;
}

async function truncate(afc: Afc, packet: AfcPacket): Promise<AfcAnswer> {
  const handle = await afc.files.open(path(afc, packet, 1), 2);
  try {
    await afc.files.setSize(handle, number(packet, 0));
  } finally {
    await afc.files.close(handle);
  }
  return OK;
}

async function setFileTime(afc: Afc, packet: AfcPacket): Promise<AfcAnswer> {
  const seconds = Number(packet.head.subarray(0, 8).readBigUInt64LE(0)) / 1e9;
  await utimes(path(afc, packet, 1), seconds, seconds);
  return OK;
}

const OPERATIONS: Readonly<Record<number, Operation>> = {
  [AFC.readDir]: readDir,
  [AFC.truncate]: truncate,
  [AFC.removePath]: removePath,
  [AFC.makeDir]: async (afc, packet) => {
    await mkdir(path(afc, packet), { recursive: true });
    return OK;
  },
  [AFC.fileInfo]: fileInfo,
  [AFC.deviceInfo]: deviceInfo,
  [AFC.fileOpen]: async (afc, packet) => {
    const handle = await afc.files.open(path(afc, packet, 1), number(packet, 0));
    return { operation: AFC.fileOpened, head: uint64(handle) };
  },
  [AFC.fileRead]: async ({ files }, packet) => ({
    operation: AFC.data,
    data: await files.read(number(packet, 0), number(packet, 1)),
  }),
  [AFC.fileWrite]: async ({ files }, packet) => {
    await files.write(number(packet, 0), packet.data);
    return OK;
  },
  [AFC.fileSeek]: seek,
  [AFC.fileTell]: async ({ files }, packet) => ({
    operation: AFC.fileTold,
    head: uint64(files.tell(number(packet, 0))),
  }),
  [AFC.fileClose]: async ({ files }, packet) => {
    await files.close(number(packet, 0));
    return OK;
  },
  [AFC.fileSetSize]: async ({ files }, packet) => {
    await files.setSize(number(packet, 0), number(packet, 1));
    return OK;
  },
  [AFC.rename]: rename,
  [AFC.setFileTime]: setFileTime,
  [AFC.removeAll]: removeAll,
};

/** Carries out one operation. Throws AfcError, or what the file system threw. */
export async function carryOut(afc: Afc, packet: AfcPacket): Promise<AfcAnswer> {
  const operation = OPERATIONS[packet.operation];
  if (!operation) throw new AfcError(AFC_ERROR.notSupported);
  return operation(afc, packet);
}
