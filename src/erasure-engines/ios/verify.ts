import { hasCode, SarachiError } from '../../errors.js';
import { toJson } from '../../evidence.js';
import type { StageOutcome } from '../engine.js';
import { attention, DONE, failed } from '../outcome.js';
import { latest } from '../past.js';
import { openTrouble } from './presence.js';
import { probe } from './probe.js';
import { assertSameHandset } from './same-handset.js';
import { questionWait, type Visit } from './visit.js';

/**
 * Looks at the handset a last time and has it forget this rack: the erase was the last reset, and nothing but files that
 * were removed again came after it.
 */
export async function verify(visit: Visit): Promise<StageOutcome> {
  const { context, link } = visit;
  if (latest(context.history().evidence, 'final-state')?.holds === true) return DONE;
  const trouble = await openTrouble(visit);
  if (trouble) return trouble;
  const report = await probe(visit);
  const agreed = assertSameHandset(visit, report);
  const { state } = report;
  if (state.activationLocked === true) return attention('activation-locked');
  if (state.activation === null)
    throw new SarachiError('iphone-protocol', { reason: 'no ActivationState' });
  const fresh = state.activation === 'Unactivated' && state.setupDone !== true;
  await context.record('closing-reset', {
    method: 'lockdown ActivationState, com.apple.PurpleBuddy SetupDone',
    holds: fresh,
    value: { how: 'reset-delete was the last reset', seen: state.activation },
  });
  // Somebody has set it up since: what they put in is not erased, and another erase would be proved by nothing here.
  if (!fresh) return failed('reset-not-proved', { seen: state.activation, why: 'set up since' });
  await removePairing(visit);
  await context.record('final-state', {
    method: 'lockdown values, NVRAM',
    holds: true,
    value: toJson({
      state: 'first-boot screen',
      activation: state.activation,
      activationLocked: state.activationLocked,
      agreed,
      condition: link.sighting()?.condition ?? null,
    }),
  });
  return DONE;
}

/** Whoever buys the handset must not find that it trusts a computer that they never saw. */
async function removePairing(visit: Visit): Promise<void> {
  const { context, link } = visit;
  const wait = questionWait(visit);
  const said = await link
    .session(wait, async (lockdown, signal) => {
      const { host } = lockdown;
      await lockdown.unpair({ ...wait, signal });
      return host;
    })
    .catch((error: unknown) => {
      if (hasCode(error, 'iphone-refused')) return error;
      throw error;
    });
  const host = said instanceof Error ? null : said;
  const known = host
    ? await link.lockdown(wait, (lockdown, signal) => lockdown.knowsHost(host, { ...wait, signal }))
    : null;
  if (known === false) await link.forgetPairing(wait);
  await context.record('pairing-removed', {
    method: 'lockdown Unpair, then StartSession with the same host id',
    holds: known === false,
    value: { known, said: said instanceof Error ? said.message : null },
  });
}
