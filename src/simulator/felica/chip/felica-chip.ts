import { fromHex, joined, sameBytes } from '../bytes.js';
import { FIRST_SLOT_MS, SLOT_MS, slowestAnswerMs } from './air-time.js';
import { issueInfo, noBlock, productInfo, requestResponse } from './answer-container.js';
import {
  requestBlockInfo,
  requestBlockInfoEx,
  requestCodeList,
  requestService,
  requestSystemCode,
  searchServiceCode,
} from './answer-nodes.js';
import { answerPolling } from './answer-polling.js';
import type { Answerer } from './asked.js';
import { activeSystems, type ChipState } from './chip-state.js';
import { COMMAND, GENERATIONS, type Generation } from './generations.js';

/** What a chip sends back, and when: milliseconds after the end of the command. */
export interface AirAnswer {
  readonly frame: Uint8Array;
  readonly afterMs: number;
}

export interface ChipOptions {
  /** 0 up to 1: chooses the time slot. */
  readonly random: () => number;
  /** Part of the slowest time by its PMm that the chip needs for an answer, above 0 up to 1. */
  readonly shareOfSlowest: number;
}

const ANSWERERS: ReadonlyMap<number, Answerer> = new Map<number, Answerer>([
  [COMMAND.requestService, requestService],
  [COMMAND.requestResponse, requestResponse],
  [COMMAND.read, noBlock],
  [COMMAND.write, noBlock],
  [COMMAND.searchServiceCode, searchServiceCode],
  [COMMAND.requestSystemCode, requestSystemCode],
  [COMMAND.requestBlockInfo, requestBlockInfo],
  [COMMAND.requestCodeList, requestCodeList],
  [COMMAND.requestBlockInfoEx, requestBlockInfoEx],
  [COMMAND.issueInfo, issueInfo],
  [COMMAND.productInfo, productInfo],
]);

function framed(code: number, ...rest: readonly Iterable<number>[]): Uint8Array {
  const body = joined([code], ...rest);
  return joined([body.length + 1], body);
}

/** A FeliCa chip as it is met over the air: a frame in, a frame or silence out. Frames begin with their length byte. */
export class FelicaChip {
  state: ChipState;
  readonly #options: ChipOptions;
  #blocksAsked = 0;

  constructor(state: ChipState, options: Partial<ChipOptions> = {}) {
    this.state = state;
    this.#options = { random: Math.random, shareOfSlowest: 0.1, ...options };
  }

  /** How often somebody tried to read or write blocks: a survey must leave it at 0. */
  get blocksAsked(): number {
    return this.#blocksAsked;
  }

  get generation(): Generation {
    return GENERATIONS[this.state.generation];
  }

  /** The answer to one frame; null where the chip keeps silent. */
  answer(frame: Uint8Array): AirAnswer | null {
    const command = frame[1] ?? -1;
    if (frame[0] !== frame.length || !this.generation.commands.has(command)) return null;
    if (this.state.quirks.silentTo.includes(command)) return null;
    if (command === COMMAND.polling) return this.#poll(frame);
    if (command === COMMAND.containerId) return this.#container(frame);
    return this.#addressed(command, frame);
  }

  #poll(frame: Uint8Array): AirAnswer | null {
    const answer = answerPolling(this.state, this.generation, frame);
    if (!answer) return null;
    const slot = Math.floor(this.#options.random() * answer.slots);
    const afterMs = FIRST_SLOT_MS + slot * SLOT_MS;
    return { frame: framed(COMMAND.polling + 1, answer.body), afterMs };
  }

  #container(frame: Uint8Array): AirAnswer | null {
    if (frame.length !== 4 || frame[2] !== 0 || frame[3] !== 0) return null;
    const answer = framed(COMMAND.containerId + 1, fromHex(this.state.containerId));
    return { frame: answer, afterMs: this.#answerMs(COMMAND.containerId, 0) };
  }

  #addressed(command: number, frame: Uint8Array): AirAnswer | null {
    const idm = frame.subarray(2, 10);
    const system = activeSystems(this.state).find((one) => sameBytes(fromHex(one.idm), idm));
    if (!system) return null;
    if (command === COMMAND.read || command === COMMAND.write) this.#blocksAsked += 1;
    const { state, generation } = this;
    const body = frame.subarray(10);
    const answer = ANSWERERS.get(command)?.({ state, generation, system, body });
    if (!answer) return null;
    const afterMs = this.#answerMs(command, body[0] ?? 0);
    return { frame: framed(command + 1, idm, answer), afterMs };
  }

  #answerMs(command: number, units: number): number {
    const slowest = slowestAnswerMs(this.generation.pmm, command, units);
    return slowest * this.#options.shareOfSlowest;
  }
}
