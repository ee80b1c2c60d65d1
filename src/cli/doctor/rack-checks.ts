import { access, constants, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../../config.js';
import { readUsbTree } from '../../devices/usb/sysfs-tree.js';
import { hasCode } from '../../errors.js';
import type { LedgerEntry } from '../../ledger/entry.js';
import { lockLedger } from '../../ledger/ledger-lock.js';
import { type LedgerReport, verifyLedger } from '../../ledger/verify-ledger.js';
import { diagnose } from '../../ports/doctor/doctor.js';
import {
  type DoctorHistory,
  forget,
  NO_HISTORY,
  remember,
} from '../../ports/doctor/doctor-history.js';
import { type BudgetFault, usbBudget } from '../../ports/doctor/usb-budget.js';
import { workOrder } from '../../ports/doctor/work-order.js';
import { makeRackMap } from '../../ports/rack-map.js';
import type { Clock } from '../../wait.js';
import { type Check, failed, good, look, skipped, warned } from './check.js';

const MIB = 1024 * 1024;
/** Below the first the ledger is soon unwritable, below the second within days. */
const LITTLE = 64 * MIB;
const SOME = 1024 * MIB;
const HOUR_MS = 3_600_000;
/** A run that ends within the window was opened so long before it at most. */
const LONGEST_RUN_MS = 48 * HOUR_MS;
const BURST_MS = 60_000;

/** Faults that keep a controller from its work; the others are estimates or slow it down. */
const GRAVE: readonly BudgetFault['what'][] = ['no-bus', 'two-chips'];

/** What is wrong with the rack of this configuration: its state folder, its history, its controllers. */
export async function rackChecks(config: Config, sysfs: string, clock: Clock): Promise<Check[]> {
  const state = path.resolve(config.state);
  const ledger = path.join(state, 'ledger');
  const checks = await Promise.all([
    look('disk', 'make room, or give the daemon user its state folder', () => disk(state)),
    look('ledger-lock', 'give this user the state folder, or run as the daemon does', () =>
      lock(ledger),
    ),
    look('ledger', 'keep a copy, then see docs/ledger.md', () => history(ledger, config, clock)),
    look('controllers', 'see docs/operations.md, Hardware', () => controllers(config, sysfs)),
  ]);
  return checks.flat();
}

/** The nearest folder that is there: the daemon makes its state folder itself. */
async function nearest(folder: string): Promise<string> {
  const there = await access(folder).then(
    () => true,
    () => false,
  );
  return there || folder === path.dirname(folder) ? folder : nearest(path.dirname(folder));
}

async function disk(state: string): Promise<Check> {
  const folder = await nearest(state);
  await access(folder, constants.W_OK);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const said = `${Math.floor(free / MIB)} MiB free in ${folder}`;
  if (free < LITTLE) return failed('disk', said, 'make room: without a ledger nothing is erased');
  if (free < SOME) return warned('disk', said, 'make room before the disk is full');
  return good('disk', said);
}

async function lock(ledger: string): Promise<Check> {
  if ((await nearest(ledger)) !== ledger) return good('ledger-lock', 'no ledger yet');
  try {
    lockLedger(ledger).release();
    return good('ledger-lock', 'free: no daemon runs on this state folder');
  } catch (error) {
    if (!hasCode(error, 'state-in-use')) throw error;
    return good('ledger-lock', 'held: a daemon runs on this state folder');
  }
}

async function history(ledger: string, config: Config, clock: Clock): Promise<Check[]> {
  if ((await nearest(ledger)) !== ledger) return [skipped('ledger', 'no ledger yet')];
  let known: DoctorHistory = NO_HISTORY;
  const since = clock() - config.doctor.windowHours * HOUR_MS;
  const report = await verifyLedger(ledger, (entry: LedgerEntry) => {
    if (Date.parse(entry.at) >= since - LONGEST_RUN_MS) known = remember(known, entry);
  });
  return [chain(report), ...time(report, clock), ...findings(forget(known, since), config)];
}

function chain({ faults, entries }: LedgerReport): Check {
  const [first, ...others] = faults;
  if (!first) return good('ledger', `holds, ${entries} entries`);
  const said = `ledger/${first.segment} line ${first.line} ${first.what}`;
  if (others.length === 0 && first.what === 'is cut off before its end')
    return warned(
      'ledger',
      said,
      'nothing, if a daemon writes now; otherwise its next start heals it',
    );
  return failed(
    'ledger',
    said,
    'run sarachi ledger verify, keep a copy of the folder, and ask for help',
  );
}

function time({ head }: LedgerReport, clock: Clock): Check[] {
  const last = Date.parse(head.at);
  if (!(last > clock() + BURST_MS)) return [];
  return [
    failed(
      'clock',
      `the clock is before the last line of the ledger, ${head.at}`,
      'set the clock before anything is erased',
    ),
  ];
}

function findings({ events }: DoctorHistory, { doctor, rack }: Config): Check[] {
  const { ports } = makeRackMap(rack);
  const controllers = new Map(ports.map(({ port, controller }) => [port, controller]));
  const found = diagnose(events, { after: doctor.after, burstMs: BURST_MS, controllers });
  if (found.length === 0)
    return [good('ports', `no trouble with an owner in the last ${doctor.windowHours} hours`)];
  return found.map((one) => {
    const said = `${one.troubles} troubles in ${one.ports.join(', ')}: ${one.whose}`;
    return warned('ports', said, workOrder(one).en);
  });
}

async function controllers({ rack, doctor }: Config, sysfs: string): Promise<Check[]> {
  const { endpointsPerController: endpoints, endpointsPerHandset: perHandset } = doctor;
  const { ports } = makeRackMap(rack);
  const budgets = usbBudget(ports, await readUsbTree(sysfs), { endpoints, perHandset });
  return budgets.flatMap((budget) => {
    const { controller, chip, used, full, limit, streamMBps } = budget;
    const name = `controller-${controller}`;
    const faults = budget.faults.map(({ what, said, next }) =>
      (GRAVE.includes(what) ? failed : warned)(name, said, next),
    );
    if (faults.length > 0) return faults;
    const load = `endpoints ${used} now, about ${full} with every port taken, of ${limit}`;
    return [good(name, `${chip}: ${load}; about ${streamMBps} MB/s a handset when all stream`)];
  });
}
