import type { IphoneEraseMethod, Policy } from '../../config.js';
import { eraseDevice } from '../../devices/apple/services/mcinstall.js';
import { eraseByBackupService } from '../../devices/apple/services/mobilebackup2.js';
import { asSarachiError, hasCode, unreachable } from '../../errors.js';
import type { IphoneCapabilities, IphoneReport } from './report.js';
import { questionWait, type Visit } from './visit.js';

export interface Methods {
  /** Methods that may work, in the order of the policy. */
  readonly allowed: readonly IphoneEraseMethod[];
  readonly excluded: readonly { readonly method: IphoneEraseMethod; readonly reason: string }[];
}

/** The methods for a handset as it was probed, and for each other one why not. Pure. */
export function eraseMethods(capabilities: IphoneCapabilities, policy: Policy): Methods {
  const wanted = [...new Set(policy.iphone.eraseMethods)];
  const reasons = wanted.map((method) => ({ method, reason: reasonAgainst(method, capabilities) }));
  return {
    allowed: reasons.filter(({ reason }) => reason === null).map(({ method }) => method),
    excluded: reasons.flatMap(({ method, reason }) =>
      reason === null ? [] : [{ method, reason }],
    ),
  };
}

function reasonAgainst(
  method: IphoneEraseMethod,
  { activated }: IphoneCapabilities,
): string | null {
  switch (method) {
    case 'profile-service':
    case 'person':
      return null;
    case 'backup-service':
      // libimobiledevice pull request 723: it can fail on a handset that is not activated.
      return activated === false ? 'it needs an activated handset' : null;
    default:
      return unreachable(method, 'iphone-erase-method');
  }
}

export type Answer =
  /** The order is with the handset, or may be: what it did is seen on the bus alone. */
  | { readonly kind: 'asked'; readonly said: string }
  | { readonly kind: 'refused'; readonly said: string }
  | { readonly kind: 'by-hand' };

/** Gives the order to erase. Errors: those of `AppleLink` from before the order was sent. */
export async function askToErase(
  visit: Visit,
  method: IphoneEraseMethod,
  report: IphoneReport,
): Promise<Answer> {
  if (method === 'person') return { kind: 'by-hand' };
  const wait = questionWait(visit);
  const { udid } = report.identity;
  try {
    const said =
      method === 'profile-service'
        ? await eraseDevice(visit.link, report.capabilities.ios ?? 0, wait)
        : await eraseByBackupService(visit.link, udid ?? '', wait);
    return { kind: 'asked', said };
  } catch (thrown) {
    const error = asSarachiError(thrown);
    if (hasCode(error, 'iphone-refused')) {
      const { said, number, words } = error.detail;
      return { kind: 'refused', said: `${said ?? ''} ${number ?? ''} ${words ?? ''}`.trim() };
    }
    // No answer is one that a handset on its way out may give.
    if (hasCode(error, 'handset-timeout') && !visit.context.signal.aborted)
      return { kind: 'asked', said: 'no answer' };
    throw error;
  }
}
