import { isPublishedManagement, nodeLabel, systemLabel } from './labels.js';
import type { SurveyedNode, SurveyedSystem, SurveyReport, SurveyRun } from './survey-report.js';
import { SYSTEM } from './systems.js';

/** One node that a survey saw, in any of its runs. */
export interface FoundNode extends SurveyedNode {
  /** Who it belongs to, where that is publicly known. */
  readonly label: string | null;
}

/** One system over all runs of a survey. */
export interface FoundSystem {
  readonly code: number;
  readonly label: string | null;
  /** Other than area 0, which every system has. */
  readonly areas: number;
  readonly services: number;
  /** The most that any run counted; null where the chip does not say. */
  readonly usedBlocks: number | null;
  readonly nodes: readonly FoundNode[];
  /** Whether what was found is what an owner left: the management area is the chip's own. */
  readonly isResidue: boolean;
}

/** Everything that a survey found, over all its runs, by system. Holds no id and no data of a person. */
export function inventoryOf(report: SurveyReport): readonly FoundSystem[] {
  const all = report.runs.flatMap(({ systems }) => systems);
  const codes = [...new Set(all.map(({ code }) => code))].sort((one, other) => one - other);
  return codes.map((code) =>
    foundSystem(
      code,
      all.filter((system) => system.code === code),
    ),
  );
}

function foundSystem(code: number, seen: readonly SurveyedSystem[]): FoundSystem {
  const nodes = joined(seen.flatMap((system) => system.nodes))
    .filter((node) => node.code !== 0)
    .map((node) => ({ ...node, label: nodeLabel(code, node.code) }));
  const counts = seen.flatMap((system) => usedBlocks(system) ?? []);
  const used = counts.length > 0 ? Math.max(...counts) : null;
  const areas = nodes.filter(isArea).length;
  return {
    code,
    label: systemLabel(code),
    areas,
    services: nodes.length - areas,
    usedBlocks: used,
    nodes,
    isResidue: code !== SYSTEM.management && (nodes.length > 0 || (used ?? 0) > 0),
  };
}

/** Attributes 0 and 1 are those of areas, with or without a PIN. Only for counting what a probe alone found. */
function isArea({ code, endCode }: SurveyedNode): boolean {
  return endCode !== null || (code & 0x1e) === 0;
}

function joined(nodes: readonly SurveyedNode[]): readonly SurveyedNode[] {
  const byCode = new Map<number, SurveyedNode>();
  for (const node of nodes) {
    const known = byCode.get(node.code);
    byCode.set(node.code, {
      code: node.code,
      endCode: known?.endCode ?? node.endCode,
      keyVersion: known?.keyVersion ?? node.keyVersion,
      seenBy: [...new Set([...(known?.seenBy ?? []), ...node.seenBy])].sort(),
    });
  }
  return [...byCode.values()].sort((one, other) => one.code - other.code);
}

export function usedBlocks({ blocksAssigned, blocksFree }: SurveyedSystem): number | null {
  return blocksAssigned === null || blocksFree === null ? null : blocksAssigned - blocksFree;
}

/** Whether anybody ever set this chip up: it says so, or it holds something. */
export function wasPersonalised(report: SurveyReport): boolean {
  const states = report.runs.map(({ state }) => state);
  return (
    states.includes('INITIALISED') ||
    states.includes('CLEAR_IN_PROGRESS') ||
    inventoryOf(report).some(({ isResidue }) => isResidue)
  );
}

/** Systems that are there and empty: no data, but worth telling. */
export function emptySystems(report: SurveyReport): readonly number[] {
  const usual: readonly number[] = [SYSTEM.common, SYSTEM.management, SYSTEM.unpersonalised];
  return inventoryOf(report)
    .filter(({ code, isResidue }) => !isResidue && !usual.includes(code))
    .map(({ code }) => code);
}

/** Whether the management area is laid out as nobody has published. */
export function hasUnknownProfile(report: SurveyReport): boolean {
  const found = report.runs
    .flatMap(({ systems }) => systems)
    .filter(({ code, search }) => code === SYSTEM.management && search === 'complete');
  return found.some(({ nodes }) => !isPublishedManagement(nodes.map(({ code }) => code)));
}

/** What two runs must have in common: everything but what went wrong on the way. */
export function essence(run: SurveyRun): string {
  const { target, chip, identity, state, systemList, sweep, unnamed } = run;
  const systems = run.systems.map(({ nodes, ...system }) => ({
    ...system,
    nodes: nodes.map(({ seenBy, ...node }) => ({ ...node, seenBy: [...seenBy].sort() })),
  }));
  return JSON.stringify({ target, chip, identity, state, systemList, sweep, unnamed, systems });
}
