import { withoutLength } from '../../../../src/devices/felica/allowed-commands.js';
import * as answers from '../../../../src/devices/felica/card-answers.js';
import {
  PORT100,
  parametersOf,
  parseInCommRf,
} from '../../../../src/devices/pasori/port100-commands.js';
import { encodeFrame, Port100Decoder } from '../../../../src/devices/pasori/port100-frames.js';
import {
  dataOf,
  parseExchange,
  parseFirmware,
} from '../../../../src/devices/pasori/port400-answers.js';
import { Port400Decoder } from '../../../../src/devices/pasori/port400-envelope.js';
import { SarachiError } from '../../../../src/errors.js';
import { CARD, PORT400 } from './vectors.js';

const COMMON = '014011111111b660';
const CONTAINER = 'f14011111111b660';
const REFUSALS: readonly string[] = [
  'reader-protocol',
  'reader-refused',
  'reader-unusable',
  'rf-fault',
  'card-protocol',
];

/** A parser with frames that it reads. */
export interface Victim {
  readonly name: string;
  readonly frames: readonly Buffer[];
  readonly read: (bytes: Buffer, random: () => number) => unknown;
}

const hexes = (list: readonly (string | null)[]) =>
  list.filter((hex) => hex !== null).map((hex) => Buffer.from(hex, 'hex'));
const replies = (...ids: string[]) =>
  hexes(CARD.filter(({ id }) => ids.includes(id)).map(({ reply }) => reply?.slice(2) ?? null));

function cardVictim(name: string, ids: string[], read: (answer: Uint8Array) => unknown): Victim {
  return { name, frames: replies(...ids), read };
}

export const VICTIMS: readonly Victim[] = [
  {
    name: 'frames of the RC-S380, in pieces',
    frames: hexes(CARD.map(({ answer }) => `0000ff00ff00${answer}`)),
    read: (bytes, random) => {
      const decoder = new Port100Decoder();
      return inPieces(bytes, random).flatMap((piece) => decoder.push(piece));
    },
  },
  {
    name: 'InCommRF of the RC-S380 with a good checksum',
    frames: hexes(CARD.map(({ answer }) => (answer ?? '').slice(16, -4))),
    read: (bytes) => {
      const [frame] = new Port100Decoder().push(encodeFrame(bytes));
      if (frame?.type !== 'data') throw new SarachiError('reader-protocol');
      const card = parseInCommRf(parametersOf(PORT100.inCommRf, frame.data));
      return card && withoutLength(card);
    },
  },
  {
    name: 'replies of the RC-S300, in pieces',
    frames: hexes(PORT400.map(({ answer }) => answer)),
    read: (bytes, random) => {
      const decoder = new Port400Decoder();
      const heard = inPieces(bytes, random).flatMap((piece) => decoder.push(piece));
      return heard.map(({ data }) => parseExchange(dataOf(data)));
    },
  },
  {
    name: 'exchanges of the RC-S300',
    frames: hexes(
      PORT400.filter(({ id }) => id > 'K07').map(({ answer }) => (answer ?? '').slice(20)),
    ),
    read: (bytes) => {
      const card = parseExchange(dataOf(bytes));
      return card && withoutLength(card);
    },
  },
  {
    name: 'firmware of the RC-S300',
    frames: hexes(['0102030400000000000000000000ffff9000']),
    read: (bytes) => parseFirmware(dataOf(bytes)),
  },
  cardVictim('Polling', ['C01', 'C02'], (answer) =>
    answers.parsePolling(answer, { systemCode: 0xffff, requestCode: 1 }),
  ),
  cardVictim('Request Service', ['C23', 'C25'], (answer) =>
    answers.parseRequestService(answer, COMMON, 2),
  ),
  cardVictim('Request Response', ['C27', 'C28'], (answer) =>
    answers.parseRequestResponse(answer, COMMON),
  ),
  cardVictim('Search Service Code', ['C11', 'C12', 'C13', 'C15'], (answer) =>
    answers.parseSearchServiceCode(answer, COMMON),
  ),
  cardVictim('Request System Code', ['C09', 'C10'], (answer) =>
    answers.parseRequestSystemCode(answer, CONTAINER),
  ),
  cardVictim('Request Code List', ['C17', 'C18', 'C19'], (answer) =>
    answers.parseRequestCodeList(answer, COMMON),
  ),
  cardVictim('Request Block Information Ex', ['C20', 'C21', 'C22'], (answer) =>
    answers.parseRequestBlockInformationEx(answer, COMMON, 1),
  ),
  cardVictim('Get Container Issue Information', ['C06', 'C07', 'C08'], (answer) =>
    answers.parseContainerIssueInformation(answer, CONTAINER),
  ),
  cardVictim('Get Container ID', ['C05'], answers.parseContainerId),
];

function inPieces(bytes: Buffer, random: () => number): Buffer[] {
  const at = Math.floor(random() * bytes.length);
  const then = at + Math.floor(random() * (bytes.length - at));
  return [bytes.subarray(0, at), bytes.subarray(at, then), bytes.subarray(then)];
}

function mutate(frame: Buffer, random: () => number): Buffer {
  const bytes = Buffer.from(frame);
  const times = 1 + Math.floor(random() * 3);
  for (let time = 0; time < times; time += 1) {
    const at = Math.floor(random() * bytes.length);
    bytes[at] = random() < 0.3 ? 0xff : Math.floor(random() * 256);
  }
  const kind = random();
  if (kind < 0.2) return bytes.subarray(0, Math.floor(random() * bytes.length));
  return kind < 0.3 ? Buffer.concat([bytes, frame]) : bytes;
}

/** Feeds mutated frames; answers how many were read and refused. Anything but a typed refusal is thrown on. */
export function feedMutated(
  { frames, read }: Victim,
  count: number,
  random: () => number,
): { taken: number; refused: number } {
  const seen = { taken: 0, refused: 0 };
  for (let time = 0; time < count; time += 1) {
    const bytes = mutate(frames[time % frames.length] ?? Buffer.alloc(0), random);
    try {
      read(bytes, random);
      seen.taken += 1;
    } catch (error) {
      if (!(error instanceof SarachiError) || !REFUSALS.includes(error.code))
        throw new Error(`not refused but broken by ${bytes.toString('hex')}`, { cause: error });
      seen.refused += 1;
    }
  }
  return seen;
}
