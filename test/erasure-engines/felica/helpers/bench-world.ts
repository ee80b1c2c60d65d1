import { randomBytes } from 'node:crypto';
import type { AttentionCode } from '../../../../src/attention.js';
import { checkConfig } from '../../../../src/config.js';
import type { ClearOutcome } from '../../../../src/config-felica.js';
import { openReader } from '../../../../src/devices/pasori/open-reader.js';
import type { StageOutcome } from '../../../../src/erasure-engines/engine.js';
import type { Bench } from '../../../../src/erasure-engines/felica/bench/bench.js';
import { felicaStage } from '../../../../src/erasure-engines/felica/bench/felica-stage.js';
import { transitStage } from '../../../../src/erasure-engines/felica/bench/transit-stage.js';
import type { ClearingMethod } from '../../../../src/erasure-engines/felica/clearing/clearing-method.js';
import { hashIdWith } from '../../../../src/erasure-engines/felica/hash-id.js';
import type { HandsetIdentity } from '../../../../src/handset.js';
import { BenchPerson } from '../../../../src/simulator/felica/person.js';
import type { SimulatedReader } from '../../../../src/simulator/felica/reader/simulated-reader.js';
import { SimulatedPasoriBus } from '../../../../src/simulator/pasori-desk.js';
import { noPause, quickReader } from '../../../support/simulated-pasori.js';
import { MemoryRun } from '../../android/helpers/run-context.js';

const USB_PATH = '3-1';

/** A tool that does `work` when it is told to, and says what that returns. */
export function toolThat(work: () => ClearOutcome | Promise<ClearOutcome>): ClearingMethod {
  return {
    id: 'external-tool',
    clear: async () => ({ outcome: await work(), nativeCode: '0', said: null }),
  };
}

/** A port's attempts at one reader, with a person who answers what is asked. */
export class BenchWorld {
  readonly reader: SimulatedReader = quickReader('RC-S380/P', USB_PATH);
  readonly person = new BenchPerson([this.reader]);
  readonly run = new MemoryRun();
  readonly asked: AttentionCode[] = [];
  /** Digests of chips that belong to other ports. */
  readonly elsewhere = new Set<string>();
  method: ClearingMethod | null = null;
  clear: object | null = { method: 'external-tool', command: '/tool' };
  placeSeconds = 0.5;
  /** What the person does when asked. */
  does: (code: AttentionCode) => void | Promise<void> = () => undefined;
  readonly #hashId = hashIdWith(randomBytes(32));

  constructor(model = 'Pixel 8a') {
    this.run.identity = {
      platform: 'android',
      model,
      device: null,
      felica: 'present',
    } as HandsetIdentity;
  }

  digest(idm: string): string {
    return this.#hashId(idm);
  }

  async attempt(signal = new AbortController().signal): Promise<StageOutcome> {
    return felicaStage(this.#context(signal), this.#bench());
  }

  async transit(): Promise<StageOutcome> {
    return transitStage(this.#context(new AbortController().signal), this.#bench());
  }

  #context(signal: AbortSignal) {
    return {
      ...this.run.context('felica-clear', signal),
      ask: async (code: AttentionCode | null) => {
        if (!code) return;
        this.asked.push(code);
        await this.does(code);
      },
    };
  }

  #bench(): Bench {
    const { felica } = checkConfig({
      rack: { controllers: { A: {} }, ports: { P01: { usb: ['1-1'], controller: 'A' } } },
      felica: { readers: [USB_PATH], clear: this.clear, placeSeconds: this.placeSeconds },
    });
    const bus = new SimulatedPasoriBus([this.reader]);
    return {
      port: 'P01',
      reader: 1,
      config: felica,
      hashId: this.#hashId,
      method: this.method,
      boundElsewhere: (digest) => this.elsewhere.has(digest),
      open: (options) => openReader(bus, USB_PATH, { ...options, pause: noPause }),
      pause: noPause,
    };
  }
}
