import { createCipheriv } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Test } from 'tap';
import type { StageContext, StageOutcome } from '../../../../src/erasure-engines/engine.js';
import { overwriteErase } from '../../../../src/erasure-engines/ios/overwrite/overwrite-erase.js';
import type { EvidenceKind } from '../../../../src/evidence.js';
import type { AppleFaults } from '../../../../src/simulator/apple/faults.js';
import type { IphoneSpec } from '../../../../src/simulator/apple/iphone-spec.js';
import { linked } from '../../../devices/apple/helpers/linked.js';
import { appleRack, MIB, type Planted } from '../../../simulator/apple/fixtures.js';
import type { MemoryRun } from '../../android/helpers/run-context.js';
import { slowSocket } from './overwrite-slow-socket.js';

/** A simulated iPhone that trusts us, behind its usbmuxd, and our link to it. */
export async function overwritePhone(
  t: Test,
  spec: Partial<IphoneSpec> = {},
  faults: Partial<AppleFaults> = {},
) {
  const rack = await appleRack(t, { pairsByItself: true });
  const cable = await slowSocket(t, rack.socket);
  const { link, becomes } = linked(t, { path: cable.socket }, { settleMs: 1_000 });
  const paired = async (phone: Planted) => {
    phone.made.person.trustsAlways();
    await becomes('mux:paired');
  };
  const plain = { profile: 'iphone-12-ios-18', storageBytes: 40 * MIB, plantedShare: 0.3 } as const;
  const phone = await rack.iphone({ ...plain, ...spec }, faults);
  await paired(phone);
  return { rack, cable, link, phone, becomes, paired };
}

export type OverwritePhone = Awaited<ReturnType<typeof overwritePhone>>;

export interface Attempted {
  readonly signal?: AbortSignal;
  /** Called when a fact of this kind was just recorded. */
  readonly on?: Partial<Record<EvidenceKind, () => Promise<void>>>;
  readonly onProgress?: StageContext['progress'];
}

/** One attempt at the stage, as the daemon makes it. */
export function attempt(
  { link }: Pick<OverwritePhone, 'link'>,
  run: MemoryRun,
  { signal, on = {}, onProgress }: Attempted = {},
): Promise<StageOutcome> {
  const plain = run.context('overwrite-erase', signal);
  const context: StageContext = {
    ...plain,
    record: async (kind, fact) => {
      await plain.record(kind, fact);
      await on[kind]?.();
    },
    progress: (progress) => {
      plain.progress(progress);
      onProgress?.(progress);
    },
  };
  return overwriteErase({ link, context, sameImeiElsewhere: () => false });
}

interface FillLook {
  readonly bytes: number;
  readonly files: number;
  /** Files, by name, that are not the bytes that the plan on record gives. */
  readonly wrong: readonly string[];
}

/** What really stands in the fill's folder, held against the recorded plan by its written rule and nothing of ours. */
export async function lookAtFill(phone: Planted, run: MemoryRun): Promise<FillLook> {
  const plan = run.last('overwrite-planned')?.value['plan'] as unknown as RecordedPlan;
  const folder = path.join(phone.made.storage.media, plan.directory);
  const names = (await readdir(folder)).sort((a, b) => Number(a.slice(2)) - Number(b.slice(2)));
  const wrong: string[] = [];
  let bytes = 0;
  for (const [index, name] of names.entries()) {
    const content = await readFile(path.join(folder, name));
    const last = index === names.length - 1;
    const whole = content.length === plan.fileBytes || (last && content.length > 0);
    if (name !== `f.${index}` || !whole || !content.equals(byTheRule(plan, index, content.length)))
      wrong.push(name);
    bytes += content.length;
  }
  return { bytes, files: names.length, wrong };
}

interface RecordedPlan {
  readonly seed: string;
  readonly directory: string;
  readonly fileBytes: number;
}

const POOL = 4 * MIB;
const UNIT = 1_044_480;

function byTheRule({ seed, fileBytes }: RecordedPlan, file: number, length: number): Buffer {
  const cipher = createCipheriv('aes-256-ctr', Buffer.from(seed, 'hex'), Buffer.alloc(16));
  const pool = cipher.update(Buffer.alloc(POOL));
  const units: Buffer[] = [];
  for (let at = 0; at < length; at += UNIT) {
    const unit = file * Math.ceil(fileBytes / UNIT) + at / UNIT;
    const from = (unit * 2_654_435) % POOL;
    units.push(Buffer.concat([pool.subarray(from), pool.subarray(0, from)]).subarray(0, UNIT));
  }
  return Buffer.concat(units).subarray(0, length);
}

/** Bytes in free space, and how many of the seller's markers can be read there. */
export async function lookAtFreeSpace(phone: Planted): Promise<{ bytes: number; markers: number }> {
  const markers: string[] = JSON.parse(
    await readFile(path.join(phone.folder, 'planted.json'), 'utf8'),
  );
  const folder = path.join(phone.folder, 'free-space');
  const names = await readdir(folder).catch(() => []);
  const contents = await Promise.all(names.map((name) => readFile(path.join(folder, name))));
  const found = markers.filter((marker) =>
    contents.some((content) => content.includes(Buffer.from(marker, 'hex'))),
  );
  const sizes = await Promise.all(
    names.map(async (name) => (await stat(path.join(folder, name))).size),
  );
  return { bytes: sizes.reduce((sum, size) => sum + size, 0), markers: found.length };
}
