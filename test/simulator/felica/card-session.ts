import { fromHex, joined, toHex } from '../../../src/simulator/felica/bytes.js';
import { encodeFrame } from '../../../src/simulator/felica/reader/port100-frame.js';
import type { SimulatedReader } from '../../../src/simulator/felica/reader/simulated-reader.js';
import type { ReaderTransfers } from '../../../src/simulator/felica/reader/transfers.js';
import { drain, OPENING_380 } from './fixtures.js';

/** 11 ms for a polling, 101 ms for all else. */
const POLL_TIMEOUT = [0x6e, 0x00];
const TIMEOUT = [0xf2, 0x03];
const STATUS_FROM = 20;

/** Card commands over an RC-S380, in hex; what the card says without the wrapping of the reader. */
export interface CardSession {
  readonly bulk: ReaderTransfers;
  /** The card's answer; empty where it keeps silent; `status ` and the reader's word for it where the air failed. */
  send(command: string): Promise<string>;
  /** IDm of the system that answers for this code; empty where none does. */
  poll(system: string): Promise<string>;
  /** Answer to a command and what follows its IDm, without the length, code and IDm. */
  ask(code: string, idm: string, rest?: string): Promise<string>;
  /** All nodes that Search Service Code lists, the end mark not among them. */
  nodes(idm: string): Promise<readonly string[]>;
  /** Field off and on again. */
  cycleField(): Promise<void>;
}

function framed(command: string): string {
  const length = command.length / 2 + 1;
  return `${length.toString(16).padStart(2, '0')}${command}`;
}

function answerOf(frame: string): string {
  const status = frame.slice(STATUS_FROM, STATUS_FROM + 8);
  if (status === '80000000') return '';
  if (status !== '00000000') return `status ${status}`;
  return frame.slice(STATUS_FROM + 10, -4);
}

/** Opens the reader and makes it ready. */
export async function cardSession(reader: SimulatedReader): Promise<CardSession> {
  const bulk = reader.transfers();
  const open = async () => {
    for (const [out] of OPENING_380) await bulk.out(fromHex(out));
    await drain(bulk);
  };
  await open();
  const send = async (command: string) => {
    const timeout = command.startsWith('0600') ? POLL_TIMEOUT : TIMEOUT;
    await bulk.out(encodeFrame(joined([0xd6, 0x04], timeout, fromHex(command))));
    const got = await drain(bulk);
    return answerOf(got.at(-1) ?? '');
  };
  const ask = async (code: string, idm: string, rest = '') =>
    (await send(framed(`${code}${idm}${rest}`))).slice(20);
  const nodes = async (idm: string) => {
    const found: string[] = [];
    let node = await ask('0a', idm, '0000');
    while (node !== 'ffff' && node !== '' && found.length < 100) {
      found.push(node);
      node = await ask('0a', idm, toHex(Uint8Array.of(found.length, 0)));
    }
    return found;
  };
  return {
    bulk,
    send,
    ask,
    nodes,
    poll: async (system) => (await send(`0600${system}0100`)).slice(4, 20),
    cycleField: async () => {
      await bulk.out(fromHex('0000ffffff0300fdd606002400'));
      await drain(bulk);
      await open();
    },
  };
}
