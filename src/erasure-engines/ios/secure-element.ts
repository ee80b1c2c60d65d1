import type { StageOutcome } from '../engine.js';
import { DONE, failed } from '../outcome.js';
import { latest } from '../past.js';
import { resetProof } from '../proof.js';
import type { Visit } from './visit.js';

/**
 * What can be said of the secure element of an iPhone, FeliCa included: the erase tells it to terminate its cards (Apple
 * Platform Security, "Rendering cards unusable with Apple Pay"), and nothing over the cable shows whether it did.
 */
export async function secureElement({ context }: Visit): Promise<StageOutcome> {
  const { evidence, identity } = context.history();
  if (latest(evidence, 'secure-element-cards-ended')?.holds === true) return DONE;
  const { proved, signals, missing } = resetProof(evidence, context.policy);
  await context.record('secure-element-cards-ended', {
    method: 'the proof of the erase',
    holds: proved,
    value: { signals, felica: identity?.felica ?? 'unknown', verified: false },
  });
  return proved ? DONE : failed('reset-not-proved', { missing });
}
