import { CONTAINER_SYSTEM } from '../chip/answer-container.js';
import { activeSystems } from '../chip/chip-state.js';
import { type ChipClearFault, type ClearedAs, clearChip } from '../chip/clear-chip.js';
import { COMMON_SYSTEM } from '../chip/phones.js';
import type { FelicaHandset, HandsetCondition } from '../felica-handset.js';
import { isInitial } from './licensed-tool.js';

/** How the built-in function of a handset ends: its result code, and what stands on the screen. */
export interface SettingsClearResult {
  readonly code: number;
  readonly name: string;
  readonly screen: string;
}

/** Results of the おサイフケータイ app 36, with the words that it shows in Japanese. */
export const SETTINGS_CLEAR = {
  success: { code: 1, name: 'SUCCESS', screen: 'データ消去完了' },
  processed: {
    code: 2,
    name: 'PROCESSED',
    screen: 'おサイフケータイは初期状態になっています。\nデータを消去する必要はありません。',
  },
  cancel: { code: 0, name: 'CANCEL', screen: '' },
  chipInUse: { code: 200, name: 'USED_MFC_BY_OTHER_APP', screen: '' },
  locked: { code: 202, name: 'LOCKED_FELICA_CHIP', screen: 'ロックされています' },
  maintenance: { code: 208, name: 'MFI_SERVER_MAINTENANCE', screen: '' },
  interrupted: {
    code: 210,
    name: 'RETRY_MEMORY_CLEAR',
    screen: 'データの消去が完了しておりません。',
  },
  offline: { code: 800, name: 'NETWORK', screen: '' },
  cardsRemain: { code: 801, name: 'DELETE_CARD', screen: '' },
  failed: { code: 803, name: 'MEMORY_CLEAR', screen: '' },
  unsupported: {
    code: 5100,
    name: 'NOT_APPLICABLE',
    screen: 'ご利用中の端末は本機能の非対応機種のため、処理を実行できません。',
  },
} as const satisfies Readonly<Record<string, SettingsClearResult>>;

/** What may go wrong beyond the condition of the handset. */
export interface SettingsClearOptions {
  readonly leaves: ClearedAs;
  readonly fault?: ChipClearFault;
  readonly serverInMaintenance?: boolean;
}

function hindrance(condition: HandsetCondition): SettingsClearResult | null {
  if (condition.power !== 'on') return SETTINGS_CLEAR.cancel;
  if (!condition.clearsInSettings) return SETTINGS_CLEAR.unsupported;
  if (condition.felicaLock) return SETTINGS_CLEAR.locked;
  if (condition.chipInUse) return SETTINGS_CLEAR.chipInUse;
  return condition.online ? null : SETTINGS_CLEAR.offline;
}

/** A person taps through Settings, System, Reset, 「おサイフケータイ対応サービスのデータを消去」 to its end. */
export function clearInSettings(
  handset: FelicaHandset,
  options: SettingsClearOptions,
): SettingsClearResult {
  const hindered = hindrance(handset.condition);
  if (hindered) return hindered;
  if (options.serverInMaintenance) return SETTINGS_CLEAR.maintenance;
  if (isInitial(handset.chip.state)) return SETTINGS_CLEAR.processed;
  if (handset.condition.cardsInApp > 0) return SETTINGS_CLEAR.cardsRemain;
  const fault = options.fault ?? 'none';
  handset.chip.state = clearChip(handset.chip.state, options.leaves, fault);
  if (fault === 'nothing-happens') return SETTINGS_CLEAR.failed;
  return fault === 'interrupted' ? SETTINGS_CLEAR.interrupted : SETTINGS_CLEAR.success;
}

/**
 * What the app shows under メモリ使用状況. It judges as the app does: 4.x by areas below area 0 in any system, and 4.1 also
 * by instances in the background; older chips by the blocks of the common area.
 */
export function memoryUsage(handset: FelicaHandset): string {
  if (handset.condition.felicaLock) return SETTINGS_CLEAR.locked.screen;
  const { state, generation } = handset.chip;
  const common = state.systems.find((system) => system.code === COMMON_SYSTEM);
  const isOld = !['16', '17', '18'].includes(generation.pmm.slice(2, 4));
  if (isOld && common?.blocks)
    return `${common.blocks.assigned - common.blocks.free} / ${common.blocks.assigned} ブロック`;
  const others = activeSystems(state).filter((system) => system.code !== CONTAINER_SYSTEM);
  const nodes = others.flatMap((system) => system.nodes);
  const hasArea = nodes.some(
    (node) => node.end !== null && node.code !== 0 && node.shows !== 'never',
  );
  const hasBackground =
    state.generation === 'mobile-4.1' && state.systems.some((system) => !system.activated);
  return hasArea || hasBackground ? '利用中' : '未利用';
}
