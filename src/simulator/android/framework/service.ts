import { hasTradeInMode } from '../profile.js';
import type { SystemState } from '../system-state.js';
import { type Answer, type FrameworkCommand, refuse, say } from './command.js';
import { printParcel, securityReply, textReply } from './parcel.js';

const SHELL = 'com.android.shell';

/** The services that the engine may look for, by name as the service manager knows them. */
export function services(state: SystemState): readonly string[] {
  const { profile } = state;
  return [
    'activity',
    'package',
    'settings',
    'battery',
    'account',
    'device_policy',
    'user',
    'iphonesubinfo',
    ...(profile.sdk >= 29 ? ['testharness'] : []),
    ...(profile.frpPartition ? ['persistent_data_block'] : []),
    ...(hasTradeInMode(profile) ? ['tradeinmode'] : []),
  ];
}

type Method =
  | { readonly kind: 'imei'; readonly slot: number }
  | { readonly kind: 'icc' }
  | { readonly kind: 'none' };

/** Which method a transaction code means: the order of the calls in IPhoneSubInfo.aidl differs by release. */
function method(sdk: number, code: number, first: number | null): Method {
  const slot = first ?? 0;
  const bySlot = sdk >= 30 ? 4 : 3;
  const bySubscriber = sdk >= 30 ? 5 : 4;
  const icc = sdk >= 30 ? 14 : sdk >= 28 ? 11 : 12;
  if (code === 1 || (sdk >= 30 && code === 2)) return { kind: 'imei', slot: 0 };
  if (code === bySlot) return { kind: 'imei', slot };
  // Subscription ids start at 1 and exist only for a slot with a SIM.
  if (code === bySubscriber) return { kind: 'imei', slot: slot - 1 };
  return code === icc ? { kind: 'icc' } : { kind: 'none' };
}

function phoneInfo(state: SystemState, args: readonly string[]): Answer {
  const code = Number(args[0]);
  const integer = args.indexOf('i32');
  const first = integer < 0 ? null : Number(args[integer + 1]);
  const caller = args[args.indexOf('s16') + 1];
  if (!Number.isInteger(code) || code < 1) return refuse(10, 'service: Bad transaction code');
  if (state.profile.sdk >= 29 && caller !== SHELL)
    return say(printParcel(securityReply(`Package ${caller ?? 'null'} does not belong to 2000`)));
  const wanted = method(state.profile.sdk, code, first);
  if (wanted.kind === 'imei') return say(printParcel(textReply(state.imeis[wanted.slot] ?? null)));
  if (wanted.kind === 'icc') return say(printParcel(textReply(state.sims[0]?.iccId ?? null)));
  return say(printParcel(textReply(null)));
}

export const service: FrameworkCommand = (state, args) => {
  const [verb, name = '', ...rest] = args;
  const found = services(state).includes(name);
  if (verb === 'check') return say([`Service ${name}: ${found ? 'found' : 'not found'}`]);
  if (verb === 'list') return say(services(state).map((known, at) => `${at}\t${known}: []`));
  if (verb !== 'call') return refuse(10, 'service: Unknown command');
  if (!found) return refuse(10, `service: Service ${name} does not exist`);
  if (name === 'iphonesubinfo') return phoneInfo(state, rest);
  return say(printParcel(textReply(null)));
};
