import type { Refusal } from '../../devices/felica/card-answers.js';
import { MAX_SERVICE_NODES } from '../../devices/felica/card-commands.js';
import { ROOT_AREA, SYSTEM_NODE } from '../../devices/felica/card-values.js';
import { askSystem, select } from './ask-system.js';
import type { Asker } from './asker.js';
import type { RunNotes, SystemNotes } from './run-notes.js';
import type { SurveyLeg } from './survey-report.js';
import { everyNodeCode, SYSTEM } from './systems.js';

/** A directory of more entries than this is not one. */
const MAX_ENTRIES = 2_048;
const MAX_PAGES = 256;

export interface ProbePlan {
  /** Nodes of the earlier survey by system: each is asked for by name. */
  readonly before: ReadonlyMap<number, readonly number[]>;
  /** Asks for every node that a system can have, which takes a minute or more. */
  readonly everyNode: boolean;
}

/** What the legs of one system work with. */
interface Look {
  readonly asker: Asker;
  readonly notes: RunNotes;
  readonly system: SystemNotes;
  readonly plan: ProbePlan;
}

/**
 * Asks one system in every independent way what it holds. Whatever is found is noted at once; a way that does not come
 * to its end is noted as such.
 */
export async function surveySystem(look: Look): Promise<void> {
  const { asker, notes, system } = look;
  const there = await select(asker, notes, system.code);
  if (there !== true) {
    system.control = there;
    return;
  }
  system.mode = await askMode(look);
  system.control = await askControl(look);
  system.search = await search(look);
  system.list = await list(look);
  system.blocks = await countBlocks(look);
  system.probe = await probe(look);
}

async function askMode({ asker, notes, system }: Look): Promise<SystemNotes['mode']> {
  const { answer } = await askSystem<0 | 1 | 2 | 3>(asker, notes, {
    system: system.code,
    ask: (card, target, wait) => card.requestResponse(target, wait),
  });
  return answer;
}

/** Without it "no such node" is worth nothing: the chip must tell of the two nodes that every system has. */
async function askControl({ asker, notes, system }: Look): Promise<SurveyLeg> {
  const told = await askSystem(asker, notes, {
    system: system.code,
    ask: (card, target, wait) => card.requestService(target, [SYSTEM_NODE, ROOT_AREA], wait),
  });
  if (told.answer === null) return told.why;
  const [own, root] = told.answer;
  if (typeof root === 'number') system.saw(ROOT_AREA, 'probe', { keyVersion: root });
  return typeof own === 'number' && typeof root === 'number' ? 'complete' : 'rootless';
}

async function search({ asker, notes, system }: Look): Promise<SurveyLeg> {
  let hasRoot = false;
  for (let index = 0; index < MAX_ENTRIES; index += 1) {
    const told = await askSystem(asker, notes, {
      system: system.code,
      ask: (card, target, wait) => card.searchServiceCode(target, index, wait),
    });
    if (told.answer === null) return told.why;
    const entry = told.answer;
    if (entry.kind === 'end') return hasRoot ? 'complete' : 'rootless';
    if (entry.kind === 'area') system.saw(entry.code, 'search', { endCode: entry.endCode });
    else system.saw(entry.code, 'search');
    hasRoot ||= entry.kind === 'area' && entry.code === ROOT_AREA;
  }
  return 'endless';
}

async function list({ asker, notes, system }: Look): Promise<SurveyLeg> {
  let hasRoot = false;
  for (let index = 1; index <= MAX_PAGES; index += 1) {
    const told = await askSystem(asker, notes, {
      system: system.code,
      ask: (card, target, wait) => card.requestCodeList(target, { parent: ROOT_AREA, index }, wait),
    });
    if (told.answer === null) return told.why;
    if (isRefusal(told.answer)) return 'refused';
    const { areas, services, more } = told.answer;
    for (const { code, endCode } of areas) system.saw(code, 'list', { endCode });
    for (const code of services) system.saw(code, 'list');
    hasRoot ||= areas.some(({ code }) => code === ROOT_AREA);
    if (!more) return hasRoot ? 'complete' : 'rootless';
  }
  return 'endless';
}

async function countBlocks({ asker, notes, system }: Look): Promise<SurveyLeg> {
  const told = await askSystem(asker, notes, {
    system: system.code,
    ask: (card, target, wait) => card.requestBlockInformationEx(target, [ROOT_AREA], wait),
  });
  if (told.answer === null) return told.why;
  if (isRefusal(told.answer)) return 'refused';
  const [root] = told.answer.nodes;
  system.blocksAssigned = root?.assigned ?? null;
  system.blocksFree = root?.free ?? null;
  return 'complete';
}

/** The management area is the chip's own and no residue; asking for its nodes would prove nothing. */
async function probe({ asker, notes, system, plan }: Look): Promise<SurveyLeg> {
  if (system.code === SYSTEM.management) return 'not-asked';
  const before = plan.before.get(system.code) ?? [];
  const wanted = new Set([
    ...system.nodeCodes,
    ...before,
    ...(plan.everyNode ? everyNodeCode() : []),
  ]);
  const codes = [...wanted];
  for (let at = 0; at < codes.length; at += MAX_SERVICE_NODES) {
    const some = codes.slice(at, at + MAX_SERVICE_NODES);
    const told = await askSystem(asker, notes, {
      system: system.code,
      ask: (card, target, wait) => card.requestService(target, some, wait),
    });
    if (told.answer === null) return told.why;
    for (const [index, keyVersion] of told.answer.entries())
      if (keyVersion !== null) system.saw(some[index] ?? 0, 'probe', { keyVersion });
  }
  system.askedFromBefore = before;
  return 'complete';
}

function isRefusal(answer: { readonly kind: string }): answer is Refusal {
  return answer.kind === 'refused';
}
