import { SarachiError } from '../../src/errors.js';
import type { Evidence, JsonObject } from '../../src/evidence.js';
import type {
  ActRequest,
  HealthCheck,
  LiveFacts,
  MetricsText,
  QueueView,
  RackApi,
  RunDetail,
  RunQuery,
} from '../../src/http/rack-api.js';
import type { RestrictionApi } from '../../src/http/restriction-api.js';
import type { ValidationState } from '../../src/ledger/validation-lane.js';
import type { LogLevel } from '../../src/log.js';
import type { Validation, Validator } from '../../src/pipeline/validation.js';
import { lightOf } from '../../src/ports/light.js';
import type { PortView, RackChange, RackView } from '../../src/ports/view.js';
import { ViewFeed } from '../../src/ports/view-feed.js';
import { memoryRestrictions } from './memory-restrictions.js';

export const IMEI = '353644930127905';
export const SERIAL = '26061FDH2000AP';
export const CERTIFICATE = '{"run":"run-1",\n  "odd spacing":   "is signed too", "é":"\\u00e9"}';

function emptyPort(port: string): PortView {
  const facts = { state: 'empty', held: false, verdict: null, lane: null } as const;
  return {
    port,
    usbPaths: [`1-${Number(port.slice(1))}`],
    controller: 'A',
    ...facts,
    since: '2026-11-02T01:00:00.000Z',
    workOrder: null,
    condition: null,
    run: null,
    stage: null,
    attempt: null,
    handset: null,
    progress: null,
    waiting: null,
    attention: null,
    reasons: [],
    error: null,
    light: lightOf({ ...facts, attention: null, blinking: false, stale: false }),
    blinking: false,
    actions: ['hold', 'blink'],
  };
}

/** A port with every field filled, so that every part of the schema is met. */
function busyPort(port: string): PortView {
  return {
    ...emptyPort(port),
    state: 'attention',
    held: true,
    workOrder: { whose: 'cable', ja: 'ケーブル交換', en: 'Replace the cable' },
    condition: 'adb:device',
    run: 'run-1',
    stage: 'reset-delete',
    attempt: 2,
    handset: {
      platform: 'android',
      manufacturer: 'Google',
      model: '<script>alert(1)</script>',
      osVersion: '16',
      serialMasked: '**********00AP',
      imeisMasked: ['***********7905'],
    },
    progress: { done: 0.25, step: 'fill', bytesDone: 1, bytesTotal: 4, etaSeconds: 12.5 },
    waiting: { queue: 'usb-A', ahead: 3 },
    attention: { code: 'battery-low', ja: '電池', en: 'battery', clears: 'retry' },
    error: { code: 'handset-gone', blame: 'cable', message: 'the handset left the bus' },
    light: lightOf({
      state: 'attention',
      held: false,
      verdict: null,
      lane: null,
      attention: 'battery-low',
      blinking: false,
      stale: false,
    }),
    actions: ['retry', 'abort', 'blink'],
  };
}

const RUN: RunDetail = {
  run: 'run-1',
  port: 'P02',
  openedAt: '2026-11-02T01:00:00.000Z',
  settledAt: '2026-11-02T02:00:00.000Z',
  serial: SERIAL,
  imeis: [IMEI],
  model: 'Pixel 7',
  verdict: 'passed',
  lane: 'release',
  identity: {
    platform: 'android',
    serial: SERIAL,
    imeis: [IMEI],
    imeiSource: 'service call',
    manufacturer: 'Google',
    brand: 'google',
    model: 'Pixel 7',
    device: 'panther',
    osVersion: '16',
    sdk: 36,
    build: 'BP1A',
    securityPatch: '2026-10-05',
    storageBytes: 128_000_000_000,
    encryption: 'file',
    batteryPercent: 80,
    batteryCycles: null,
    felica: 'unknown',
    esim: 'present',
  },
  reasons: [],
  plan: [{ stage: 'identify', method: 'adb', reason: null }],
  stages: [
    {
      stage: 'identify',
      fence: 1,
      startedAt: '2026-11-02T01:00:01.000Z',
      endedAt: null,
      outcome: { kind: 'done' },
    },
  ],
  attentions: [{ code: 'battery-low', at: '2026-11-02T01:00:02.000Z' }],
  certificate: true,
  validation: null,
  validationState: 'not-needed',
};

const EVIDENCE: readonly Evidence[] = [
  {
    kind: 'canary-gone',
    stage: 'reset-delete',
    method: 'ls',
    at: '2026-11-02T01:30:00.000Z',
    holds: true,
    value: { files: ['a', 'b'], nested: { deep: [1, null] } },
  },
];

/** A rack in memory, whose state a test changes and whose calls it reads. */
export class MemoryRack implements RackApi {
  readonly bootId = '0c1f9e0a-boot';
  readonly acts: { port: string; request: ActRequest }[] = [];
  readonly queries: RunQuery[] = [];
  readonly feed = new ViewFeed({
    rack: { view: () => this.#look(), onChange: (listener) => this.#listen(listener) },
    clock: Date.now,
    kept: 4,
  });
  #changed: () => void = () => undefined;
  #seq = 7;
  #staleAfter = 5;
  #ports: PortView[] = [emptyPort('P01'), busyPort('P02')];
  checks: readonly HealthCheck[] = [{ name: 'redis', ok: true, detail: 'answers' }];
  refusal: Error | null = null;
  pdf: Uint8Array | null = new TextEncoder().encode('%PDF-1.7 not really');
  hang = false;
  restrictions: RestrictionApi = memoryRestrictions();

  constructor() {
    this.feed.start();
  }

  get seq(): number {
    return this.#seq;
  }

  set seq(seq: number) {
    this.#seq = seq;
    this.#changed();
  }

  get ports(): PortView[] {
    return this.#ports;
  }

  set ports(ports: PortView[]) {
    this.#ports = ports;
    this.#changed();
  }

  set staleAfter(seconds: number) {
    this.#staleAfter = seconds;
    this.#changed();
  }

  #listen(listener: () => void): () => void {
    this.#changed = listener;
    return () => {
      this.#changed = () => undefined;
    };
  }

  #look(): RackView {
    return {
      ...{ rack: 'rack-1', seq: this.#seq, serverTime: new Date().toISOString() },
      ...{ staleAfter: this.#staleAfter, ports: this.#ports },
    };
  }

  view(): RackView {
    return this.feed.current();
  }

  changesSince(seq: number): readonly RackChange[] | null {
    return this.feed.since(seq);
  }

  onChange(listener: (change: RackChange) => void): () => void {
    return this.feed.subscribe(listener);
  }

  /** Another thing to show at a port. */
  show(port: string, change: Partial<PortView>): void {
    this.#ports = this.#ports.map((view) => (view.port === port ? { ...view, ...change } : view));
    this.seq += 1;
  }

  async act(port: string, request: ActRequest): Promise<void> {
    if (this.hang) await new Promise(() => undefined);
    if (this.refusal) throw this.refusal;
    this.acts.push({ port, request });
    this.seq += 1;
    this.ports = this.ports.map((view) =>
      view.port === port && request.action === 'hold' ? { ...view, held: true } : view,
    );
  }

  runs(query: RunQuery) {
    this.queries.push(query);
    if (query.cursor === 'broken') throw new SarachiError('bad-request', { cursor: 'broken' });
    return { runs: [RUN], nextCursor: query.cursor === 'next' ? null : 'next' };
  }

  run(id: string): RunDetail | null {
    if (id === 'run-2') return { ...RUN, run: id, identity: null, certificate: false };
    const { validation, validationState } = this;
    return id === RUN.run ? { ...RUN, validation, validationState } : null;
  }

  evidence(id: string): readonly Evidence[] | null {
    return id === RUN.run ? EVIDENCE : null;
  }

  async certificate(id: string): Promise<string | null> {
    return id === RUN.run ? CERTIFICATE : null;
  }

  async certificatePdf(id: string): Promise<Uint8Array | null> {
    return id === RUN.run ? this.pdf : null;
  }

  async queues(): Promise<readonly QueueView[]> {
    if (this.refusal) throw this.refusal;
    return [{ queue: 'usb-A', concurrency: 10, active: ['P02'], waiting: ['P03', 'P04'] }];
  }

  async health(): Promise<readonly HealthCheck[]> {
    if (this.refusal) throw this.refusal;
    return this.checks;
  }

  level: LogLevel = 'info';
  readonly levels: { level: LogLevel; by: string }[] = [];
  live: LiveFacts | null = null;

  async metrics(live: LiveFacts): Promise<MetricsText> {
    this.live = live;
    return {
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      text: 'rack_event_streams 0\n',
    };
  }

  logLevel(): LogLevel {
    return this.level;
  }

  async setLogLevel(level: LogLevel, by: string): Promise<void> {
    this.levels.push({ level, by });
    this.level = level;
  }

  validation: Validation | null = null;
  validationState: ValidationState = 'not-needed';
  readonly notes: { action: string; by: string; statement: JsonObject }[] = [];

  async note(action: string, by: string, statement: JsonObject): Promise<void> {
    this.notes.push({ action, by, statement });
  }

  async validate(
    run: string,
    said: Validator & { readonly note: string | null },
  ): Promise<Validation> {
    if (run !== RUN.run) throw new SarachiError('not-found', { run });
    this.validation = { ...said, at: '2026-11-02T03:00:00.000Z' };
    this.validationState = said.decision === 'accept' ? 'accepted' : 'rejected';
    return this.validation;
  }
}
