import type { PollAnswer } from '../../devices/felica/card-answers.js';
import type { CardTarget, Idm } from '../../devices/felica/card-values.js';
import { type Chip, chipOf } from '../../devices/felica/chips.js';
import type { FelicaBitRate } from '../../devices/felica/felica-reader.js';
import type { Asker } from './asker.js';
import type { HashId } from './hash-id.js';
import type {
  ChipState,
  SurveyedNode,
  SurveyedSystem,
  SurveyLeg,
  SurveyRun,
} from './survey-report.js';
import { SYSTEM } from './systems.js';

type Seen = SurveyedNode['seenBy'][number];

/** What is known of one system so far. */
export class SystemNotes {
  readonly code: number;
  idm: Idm | null = null;
  mode: SurveyedSystem['mode'] = null;
  control: SurveyLeg = 'not-asked';
  search: SurveyLeg = 'not-asked';
  list: SurveyLeg = 'not-asked';
  blocks: SurveyLeg = 'not-asked';
  blocksAssigned: number | null = null;
  blocksFree: number | null = null;
  probe: SurveyLeg = 'not-asked';
  askedFromBefore: readonly number[] = [];
  readonly #nodes = new Map<number, SurveyedNode>();

  constructor(code: number) {
    this.code = code;
  }

  get nodeCodes(): readonly number[] {
    return [...this.#nodes.keys()];
  }

  saw(code: number, by: Seen, told: Partial<Pick<SurveyedNode, 'endCode' | 'keyVersion'>> = {}) {
    const known = this.#nodes.get(code) ?? { code, endCode: null, keyVersion: null, seenBy: [] };
    const seenBy = known.seenBy.includes(by) ? known.seenBy : [...known.seenBy, by];
    this.#nodes.set(code, { ...known, ...told, seenBy });
  }

  report(hashId: HashId): SurveyedSystem {
    const { code, idm, mode, control, search, list, blocks, probe, askedFromBefore } = this;
    const { blocksAssigned, blocksFree } = this;
    const nodes = [...this.#nodes.values()].sort((one, other) => one.code - other.code);
    const id = idm === null ? null : hashId(idm);
    const legs = { control, search, list, blocks, blocksAssigned, blocksFree, probe };
    return { code, id, mode, ...legs, askedFromBefore, nodes };
  }
}

/** What one run has seen so far; a report can be taken at any moment, also of a run that was cut short. */
export class RunNotes {
  readonly #asker: Asker;
  readonly #hashId: HashId;
  readonly #ids = new Map<number, Idm>();
  readonly #pmms = new Set<string>();
  readonly #systems = new Map<number, SystemNotes>();
  kbps: FelicaBitRate = 212;
  container: Idm | null = null;
  model: string | null = null;
  carrier: string | null = null;
  state: ChipState = 'UNKNOWN';
  sameChip = true;
  ended = false;
  systemList: SurveyLeg = 'not-asked';
  sweep: SurveyLeg = 'not-asked';
  unnamed = 0;

  constructor(asker: Asker, hashId: HashId) {
    this.#asker = asker;
    this.#hashId = hashId;
  }

  /** Somebody answered a poll for `asked`. The same system must have the same IDm each time, and one chip one PMm. */
  met(asked: number, answer: PollAnswer): void {
    this.#pmms.add(answer.pmm);
    if (this.#pmms.size > 1) this.sameChip = false;
    const isWildcard = asked >> 8 === 0xff || (asked & 0xff) === 0xff;
    const code = answer.systemCode ?? (isWildcard ? null : asked);
    if (code === null) {
      this.unnamed += 1;
      return;
    }
    const known = this.#ids.get(code);
    if (known !== undefined && known !== answer.idm) this.sameChip = false;
    if (known === undefined) this.#ids.set(code, answer.idm);
    this.system(code).idm ??= answer.idm;
  }

  /** The container named itself again. */
  metContainer(idm: Idm): void {
    if (this.container !== null && this.container !== idm) this.sameChip = false;
    this.container ??= idm;
  }

  system(code: number): SystemNotes {
    const notes = this.#systems.get(code) ?? new SystemNotes(code);
    this.#systems.set(code, notes);
    return notes;
  }

  /** Codes of all systems that were heard of, answering or not. */
  get systemCodes(): readonly number[] {
    return [...this.#systems.keys()].sort((one, other) => one - other);
  }

  targetOf(code: number): CardTarget | null {
    const [idm, pmm] = [this.#ids.get(code), [...this.#pmms][0]];
    return idm === undefined || pmm === undefined ? null : { idm, pmm };
  }

  /** The system that is asked whether the chip is still there. */
  get anchor(): number | null {
    const codes = [SYSTEM.management, SYSTEM.common, SYSTEM.unpersonalised, ...this.#ids.keys()];
    return codes.find((code) => this.#ids.has(code)) ?? null;
  }

  get target(): SurveyRun['target'] {
    const kinds = new Set([...this.#pmms].map((pmm) => chipOf(pmm).kind));
    if (kinds.size > 1) return 'mixed';
    if (kinds.has('mobile')) return 'mobile';
    return kinds.has('other') ? 'other' : 'none';
  }

  report(): SurveyRun {
    const { target, kbps, state, sameChip, ended, systemList, sweep, unnamed } = this;
    const { faults, faultKinds, exchanges } = this.#asker;
    const systems = this.systemCodes.map((code) => this.system(code).report(this.#hashId));
    const seen = { systems, faults, faultKinds, exchanges };
    const identity = {
      container: this.#hashed(this.container),
      management: this.#hashed(this.#ids.get(SYSTEM.management)),
      common: this.#hashed(this.#ids.get(SYSTEM.common)),
      model: this.model,
      carrier: this.carrier,
    };
    const chip = describe([...this.#pmms][0]);
    const how = { kbps, identity, state, sameChip, ended, systemList, sweep, unnamed };
    return { target, chip, ...how, ...seen };
  }

  #hashed(idm: Idm | null | undefined): string | null {
    return idm === null || idm === undefined ? null : this.#hashId(idm);
  }
}

function describe(pmm: string | undefined): SurveyRun['chip'] {
  if (pmm === undefined) return null;
  const { ic, rom, name }: Chip = chipOf(pmm);
  return { ic, rom, name, pmm };
}
