import { SarachiError } from '../../../errors.js';
import { abortError } from '../../../wait.js';
import type { Visit } from '../visit.js';
import { throughDrops } from './come-back.js';
import { type FillLook, lookAtFill, setHold, startFill } from './filler.js';
import type { FillPlan } from './plan.js';

const FIRST_PAUSE_SECONDS = 1;
/** Keeps a whole night of looking below 2 MB over USB. */
export const LONGEST_PAUSE_SECONDS = 30;
/** The filler rests until the battery is this much below the limit. */
const COOL_BY_CELSIUS = 3;
/** Starts in a row that wrote nothing. */
const MAX_VAIN_STARTS = 3;

interface Watch {
  hold: boolean;
  vainStarts: number;
  lastAvailable: number | null;
  lastState: string;
  movedAt: number;
}

/**
 * Starts or joins the filler and watches it until the storage is full. Rejects with `overwrite-incomplete` where it
 * does not get on, and with `handset-gone` (`restart`) where its folder vanished: the storage was wiped under it.
 */
export async function fill(visit: Visit, plan: FillPlan, availableKb: number): Promise<FillLook> {
  const { context } = visit;
  const watch: Watch = {
    hold: false,
    vainStarts: 0,
    lastAvailable: null,
    lastState: '',
    movedAt: context.clock(),
  };
  await throughDrops(visit, () => setHold(visit, plan, false));
  const longest = Math.min(LONGEST_PAUSE_SECONDS, Math.floor(context.timing.commandSeconds / 2));
  for (let pause = 0; ; pause = Math.min(Math.max(pause * 1.25, FIRST_PAUSE_SECONDS), longest)) {
    const patience = { seconds: Math.floor(pause), from: watch.lastState };
    const look = await throughDrops(visit, () => lookAtFill(visit, plan, patience));
    if (look.state === 'lost')
      throw new SarachiError('handset-gone', { restart: true, step: 'fill' });
    if (look.state === 'broken')
      throw new SarachiError('overwrite-incomplete', { step: 'pattern' });
    if (look.state === 'full') return look;
    tell(visit, look, availableKb);
    const moved = noteMovement(watch, look);
    if (!look.alive) await restart(visit, plan, watch);
    await holdWhileHot(visit, plan, { watch, look });
    // Resting for the battery's sake is no stall.
    if (moved || watch.hold) watch.movedAt = context.clock();
    if (context.clock() - watch.movedAt > context.timing.stallSeconds * 1000) {
      throw new SarachiError('overwrite-incomplete', { step: 'stall', state: look.state });
    }
    // A filler that does not run changes nothing: its look comes back at once only by a change of state.
    if (context.signal.aborted) throw abortError(context.signal);
  }
}

function noteMovement(watch: Watch, look: FillLook): boolean {
  const available = look.disk?.availableKb ?? null;
  const moved = look.state !== watch.lastState || available !== watch.lastAvailable;
  if (moved && watch.lastState !== '') watch.vainStarts = 0;
  watch.lastState = look.state;
  watch.lastAvailable = available;
  return moved;
}

async function restart(visit: Visit, plan: FillPlan, watch: Watch): Promise<void> {
  watch.vainStarts += 1;
  if (watch.vainStarts > MAX_VAIN_STARTS)
    throw new SarachiError('overwrite-incomplete', { step: 'start' });
  await throughDrops(visit, () => startFill(visit, plan));
}

async function holdWhileHot(
  visit: Visit,
  plan: FillPlan,
  { watch, look }: { readonly watch: Watch; readonly look: FillLook },
): Promise<void> {
  const limit = visit.context.policy.pauseAboveCelsius;
  if (look.celsius === null) return;
  const hold = watch.hold ? look.celsius > limit - COOL_BY_CELSIUS : look.celsius > limit;
  if (hold === watch.hold) return;
  await throughDrops(visit, () => setHold(visit, plan, hold));
  watch.hold = hold;
}

function tell(visit: Visit, look: FillLook, availableKb: number): void {
  const written = Math.max(0, availableKb - (look.disk?.availableKb ?? availableKb));
  visit.context.progress({
    // Filling is the first half of the stage, reading back the second.
    done: availableKb > 0 ? Math.min(0.5, (written / availableKb) * 0.5) : 0,
    step: look.state === 'rotating' ? 'fill-reserve' : 'fill',
    bytesDone: written * 1024,
    bytesTotal: availableKb * 1024,
  });
}
