import { isUsbPath, type UsbPath } from '../../handset.js';
import { cleanField } from '../../text.js';
import type { AdbRow, Condition } from '../sighting.js';

const QUALIFIERS = ['usb', 'product', 'model', 'device', 'transport_id'] as const;
type Qualifier = (typeof QUALIFIERS)[number];

const CONDITION_OF: Readonly<Record<string, Condition>> = {
  device: 'adb:device',
  unauthorized: 'adb:unauthorized',
  authorizing: 'adb:authorizing',
  connecting: 'adb:connecting',
  offline: 'adb:offline',
  recovery: 'adb:recovery',
  sideload: 'adb:sideload',
  rescue: 'adb:rescue',
  bootloader: 'adb:bootloader',
};

const NO_SERIAL = '(no serial number)';
/** A serial without a blank, or the words adb prints where there is none, padded to a column of 22. */
const HEAD = /^(\(no serial number\)|(?!\(no serial )\S+)[ \t]+(\S.*)$/u;
const MAX_STATE = 200;

/**
 * The rows of `host:devices-l`. A line is read from its right end, as long as it ends in a known `key:value`, because
 * states hold blanks and columns are missing until the handset said who it is. Lines without a state are left out.
 * Source: AOSP packages/modules/adb transport.cpp, append_transport.
 */
export function parseDeviceRows(text: string): AdbRow[] {
  return text.split('\n').flatMap((line) => {
    const row = parseDeviceRow(line);
    return row ? [row] : [];
  });
}

/** One line of `host:devices-l`, or null where it is not one. */
export function parseDeviceRow(line: string): AdbRow | null {
  const words = line.trim().split(/[ \t]+/u);
  const found = new Map<Qualifier, string>();
  let path: UsbPath | null = null;
  // The first two words are serial and state, whatever they look like.
  while (words.length > 2) {
    const word = words.at(-1) ?? '';
    const qualifier = qualifierOf(word);
    if (qualifier && !found.has(qualifier)) found.set(qualifier, word.slice(qualifier.length + 1));
    else if (!qualifier && path === null && isUsbPath(word)) path = word;
    else break;
    words.pop();
  }
  const head = HEAD.exec(words.join(' '));
  if (!head?.[1] || !head[2]) return null;
  const state = cleanField(head[2], MAX_STATE);
  if (!state) return null;
  return {
    serial: head[1] === NO_SERIAL ? null : cleanField(head[1]),
    state,
    condition: conditionOf(state),
    usbPath: devpath(found.get('usb')) ?? path,
    product: field(found.get('product')),
    model: field(found.get('model')),
    device: field(found.get('device')),
    transportId: wholeNumber(found.get('transport_id')),
  };
}

function qualifierOf(word: string): Qualifier | null {
  return QUALIFIERS.find((name) => word.startsWith(`${name}:`)) ?? null;
}

function conditionOf(state: string): Condition {
  if (state.startsWith('no permissions')) return 'adb:no-permissions';
  return Object.hasOwn(CONDITION_OF, state)
    ? (CONDITION_OF[state] ?? 'adb:unknown')
    : 'adb:unknown';
}

function devpath(text: string | undefined): UsbPath | null {
  return text !== undefined && isUsbPath(text) ? text : null;
}

function field(text: string | undefined): string | null {
  return text === undefined ? null : cleanField(text);
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^[1-9][0-9]{0,15}$/.test(text) ? Number(text) : null;
}
