import type { NvramFault } from './faults.js';
import type { IphoneState } from './iphone-state.js';

type Nvram = Readonly<Record<string, string>>;

/** What the NVRAM of a phone in use holds. */
export function inUseNvram(
  profile: IphoneState['profile'],
  now: { readonly findMy: boolean; readonly soldAt: number },
): Nvram {
  return {
    'auto-boot': 'true',
    'backlight-level': '1538',
    'boot-args': '',
    ...lockOf(profile, now.findMy),
    // The factory erases too, and only the newer text tells one erase from another.
    ...(profile.obliterationText === 'epoch' ? finished(profile, now.soldAt) : {}),
  };
}

/** What it holds after an erase; texts as public dumps of `ideviceinfo` and mobile_obliterator's strings show them. */
export function erasedNvram(state: IphoneState, nowMs: number, fault: NvramFault): Nvram {
  const before = { ...state.nvram, ...lockOf(state.profile, state.activationLocked) };
  if (fault === 'unchanged') return before;
  const { obliteration: _gone, ...others } = before;
  if (fault === 'absent') return others;
  if (fault === 'failure')
    return { ...before, 'oblit-failure': 'EACS failed with [gF: 0x40] Attempt: 1' };
  const old = 86_400_000 * 30;
  return { ...others, ...finished(state.profile, fault === 'old-epoch' ? nowMs - old : nowMs) };
}

function lockOf(profile: IphoneState['profile'], locked: boolean): Nvram {
  return profile.findMyInNvram ? { 'fm-activation-locked': locked ? 'YES' : 'NO' } : {};
}

function finished(profile: IphoneState['profile'], atMs: number): Nvram {
  if (profile.obliterationText === 'epoch')
    return { obliteration: `EACS Done @${Math.floor(atMs / 1000)}` };
  return {
    obliteration: 'handle_message: Obliteration Complete\n',
    'oblit-begins': 'OblitType: ObliterateDataPartition. Reason: unknown',
  };
}
