import type { Lane } from './entry.js';

/** How a run stands with the second person that policy may ask for. */
export type ValidationState = 'not-needed' | 'waiting' | 'accepted' | 'rejected';

/** The lane that a handset may really go to: nothing is released that a second person has yet to accept, or has rejected. */
export function laneAfter(lane: Lane, state: ValidationState): Lane {
  if (lane !== 'release') return lane;
  if (state === 'waiting') return 'attention';
  return state === 'rejected' ? 'quarantine' : lane;
}
