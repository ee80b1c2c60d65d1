import type { UsbTree } from '../../devices/usb/sysfs-tree.js';
import type { UsbPath } from '../../handset.js';
import type { LearnedPort } from './walk.js';

export interface MapFacts {
  readonly rackId: string;
  readonly learned: readonly LearnedPort[];
  readonly roots: UsbTree['roots'];
  /** ISO time of the walk. */
  readonly at: string;
}

/** Mbit/s from which a bus is a USB 3 one. */
const USB3 = 5_000;

/** The section `rack` of a configuration as YAML with comments. Pure. Controllers are lettered in the order of their first port. */
export function writeMap({ rackId, learned, roots, at }: MapFacts): string {
  const rootOf = (usbPath: UsbPath | undefined) =>
    roots.find(({ bus }) => bus === Number.parseInt(usbPath ?? '', 10));
  const isUsb3 = (usbPath: UsbPath) => (rootOf(usbPath)?.speed ?? 0) >= USB3;
  const chipOf = ({ usbPaths: [first] }: LearnedPort) =>
    rootOf(first)?.chip ?? `bus ${Number.parseInt(first ?? '', 10)}`;
  const chips = [...new Set(learned.map(chipOf))];
  const letter = (chip: string) => letters(chips.indexOf(chip));
  const rows = learned.map((port) => {
    const halves = [...port.usbPaths].sort((a, b) => Number(isUsb3(a)) - Number(isUsb3(b)));
    const said = halves
      .map((half) => `${isUsb3(half) ? 'USB 3' : 'USB 2'} half ${half}`)
      .join(', ');
    const usb = halves.map((half) => `'${half}'`).join(', ');
    return `    ${port.port}: { usb: [${usb}], controller: ${letter(chipOf(port))} } # ${said}`;
  });
  const count = (chip: string) => learned.filter((port) => chipOf(port) === chip).length;
  return [
    `# Learned by sarachi learn at ${at} and verified by a second walk. The paths hold as long as nobody rewires the rack.`,
    'rack:',
    `  id: ${rackId}`,
    '  # One for each USB host chip; concurrency is how many handsets it may work on at the same time.',
    '  controllers:',
    ...chips.map(
      (chip) => `    ${letter(chip)}: { concurrency: 10 } # ${chip}, ${count(chip)} ports`,
    ),
    '  ports:',
    ...rows,
    '',
  ].join('\n');
}

/** A to Z, then A2 and so on. */
function letters(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : `${letter}${Math.floor(index / 26) + 1}`;
}
