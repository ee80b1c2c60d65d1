import { SarachiError } from '../../../errors.js';
import { shellQuote } from '../../../text.js';
import { parseBattery } from '../parsers/battery.js';
import { type DiskFree, parseDiskFree } from '../parsers/storage.js';
import { commandWait, type Visit } from '../visit.js';
import { seedBlock } from './expectation.js';
import { FILL_SCRIPT, LOOK_SCRIPT } from './fill-script.js';
import type { FillPlan } from './plan.js';

/** Pushing a megabyte over a slow cable takes longer than a command. */
const PUSH_FACTOR = 2;

export type FillState = 'lost' | 'filling' | 'rotating' | 'full' | 'broken';

export interface FillLook {
  readonly state: FillState;
  readonly alive: boolean;
  readonly disk: DiskFree | null;
  readonly celsius: number | null;
}

/** Puts the block into a new folder. What an interrupted call left is used or replaced. */
export async function installFill(visit: Visit, plan: FillPlan): Promise<void> {
  const { link, places } = visit;
  const wait = commandWait(visit);
  const push = { ...wait, timeoutMs: wait.timeoutMs * PUSH_FACTOR };
  const folder = shellQuote(plan.directory);
  // Folders of earlier plans of ours would count as storage that cannot be written.
  const old = `${shellQuote(places.work)}/sarachi-fill-*`;
  const { exitCode } = await link.shell(
    `for d in ${old}; do [ "$d" = ${folder} ] || rm -rf "$d"; done; mkdir -p ${folder} && chmod 700 ${folder}`,
    { ...wait, timeoutMs: wait.timeoutMs * 5 },
  );
  if (exitCode !== 0) throw new SarachiError('command-failed', { command: 'mkdir', exitCode });
  await link.push(seedBlock(plan.seed), `${plan.directory}/block`, push);
  await link.shell(
    `cd ${folder} && { ls state.* >/dev/null 2>&1 || : >state.filling; }; : >go; svc power stayon usb`,
    wait,
  );
}

/** Starts the filler by itself, away from this connection. */
export async function startFill(visit: Visit, plan: FillPlan): Promise<void> {
  const { directory, word, unitsPerChunk, chunksPerFile } = plan;
  const numbers = [unitsPerChunk, chunksPerFile].join(' ');
  const words = `sarachi-fill ${shellQuote(directory)} ${shellQuote(word)} ${numbers}`;
  await visit.link.shell(
    `(setsid nohup sh -c ${shellQuote(FILL_SCRIPT)} ${words} </dev/null >/dev/null 2>&1 &)`,
    commandWait(visit),
  );
}

/**
 * One look; with `patience`, as soon as the state is no longer `from`, and after `seconds` at the latest.
 */
export async function lookAtFill(
  visit: Visit,
  plan: FillPlan,
  patience: { readonly seconds: number; readonly from: string } = { seconds: 0, from: '' },
): Promise<FillLook> {
  const words = `look ${shellQuote(plan.directory)} ${patience.seconds} ${shellQuote(patience.from)}`;
  const { stdout } = await visit.link.shell(
    `sh -c ${shellQuote(LOOK_SCRIPT)} ${words} 2>/dev/null; :`,
    commandWait(visit),
  );
  return parseFillLook(stdout);
}

/** Pure; text that is no look at all throws `handset-garbage`. */
export function parseFillLook(text: string): FillLook {
  const lines = text
    .slice(0, 8192)
    .split('\n')
    .map((line) => line.trim());
  const state = /^(?:state\.)?(lost|filling|rotating|full|broken)$/.exec(lines[0] ?? '')?.[1];
  if (state === undefined)
    throw new SarachiError('handset-garbage', { command: 'poll', length: text.length });
  return {
    state: state as FillState,
    alive: lines.includes('alive'),
    disk: parseDiskFree(lines.filter((line) => !line.startsWith('temperature')).join('\n')),
    celsius: parseBattery(lines.filter((line) => line.startsWith('temperature')).join('\n'))
      .celsius,
  };
}

/** Lets the filler rest or go on, by a rename that works on a full disk. */
export async function setHold(visit: Visit, plan: FillPlan, hold: boolean): Promise<void> {
  const [from, to] = hold ? ['go', 'hold'] : ['hold', 'go'];
  await visit.link.shell(
    `cd ${shellQuote(plan.directory)} && [ -e ${from} ] && mv ${from} ${to}`,
    commandWait(visit),
  );
}
