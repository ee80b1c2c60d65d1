import { startReader } from '../../../../src/devices/pasori/open-reader.js';
import type { PasoriReader } from '../../../../src/devices/pasori/pasori-reader.js';
import type { Owner } from '../../helpers/owner.js';
import { GOLDEN, PORT400 } from './vectors.js';
import { type Answer, Wire, wait } from './wire.js';

export const ACK = '0000ff00ff00';
/** A version, and the two bytes that say that no firmware update is under way. */
const FIRMWARE = '01020304000000000000000000' + '00ffff';

export interface Rig {
  readonly wire: Wire;
  readonly reader: PasoriReader;
  /** Every pause that the reader made, in ms; none of them took any time. */
  readonly pauses: number[];
}

/** The answers of an RC-S380 to everything but exchanges with cards, which `air` has. */
export function port100(air: (out: string) => Answer): (out: string) => Answer {
  const rows = [...GOLDEN, { out: RATE_424, answer: '0000ffffff0300fdd701002800' }];
  const known = new Map(rows.map(({ out, answer }) => [out, answer]));
  return (out) => {
    if (out === ACK) return [];
    const answer = known.get(out);
    return answer ? [ACK, answer] : air(out);
  };
}

export const RATE_424 = '0000ffffff0600fad60001020f021600';

/** The answers of an RC-S300 likewise; `air` gets and gives frames whose sequence number is 0. */
export function port400(air: (out: string) => Answer): (out: string) => Answer {
  const done = [...PORT400].filter(({ id }) => id <= 'K05');
  const known = new Map(done.map(({ out, answer }) => [withSequence(out, '00'), answer]));
  return (out) => {
    const sequence = out.slice(12, 14);
    const asked = withSequence(out, '00');
    const answer = answerTo(asked);
    return typeof answer === 'string'
      ? answer
      : answer.map((reply) => withSequence(reply, sequence));
  };
  function answerTo(asked: string): Answer {
    if (asked.endsWith('ff560000')) return [reply(FIRMWARE)];
    const answer = asked === SWITCH_AUTOMATIC ? reply('c003009000') : known.get(asked);
    return answer ? [answer] : air(asked);
  }
}

export const SWITCH_AUTOMATIC = '6b0a0000000000000000ff500002048f02030100';

/** A reply of the RC-S300 with sequence number 0 and a good end. */
export function reply(data: string): string {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(data.length / 2 + 2);
  return `83${length.toString('hex')}0000000000${data}9000`;
}

export function withSequence(frame: string, sequence: string): string {
  return `${frame.slice(0, 12)}${sequence}${frame.slice(14)}`;
}

export async function rig(t: Owner, productId: number, answer: Wire['answer']): Promise<Rig> {
  const wire = new Wire(productId, answer);
  const pauses: number[] = [];
  const pause = async (ms: number) => void pauses.push(ms);
  const reader = await startReader(wire, { ...wait(), pause });
  t.teardown(() => reader.close());
  return { wire, reader, pauses };
}

export const rcS380 = (t: Owner, air: (out: string) => Answer) => rig(t, 0x06c3, port100(air));
export const rcS300 = (t: Owner, air: (out: string) => Answer) => rig(t, 0x0dc9, port400(air));
