export type FrpState = 'off' | 'locked' | 'unknown';

export interface FrpSources {
  readonly sdk: number | null;
  /** `dumpsys persistent_data_block`, from Android 15 readable for the shell. */
  readonly dump: string | null;
  /** `settings get global secure_frp_mode`. */
  readonly setting: string | null;
  /** `ro.frp.pst`: empty where the handset has no partition that could hold a lock. */
  readonly partition: string | null;
}

/**
 * Whether factory reset protection is locked or holds a credential that would lock it after a reset. The dump (AOSP
 * PersistentDataBlockService) is clean only with state false, no credential and an empty challenge block; before
 * Android 15 the service keeps the setting up to date, and an absent setting means not locked.
 */
export function frpState({ sdk, dump, setting, partition }: FrpSources): FrpState {
  const said = dump ?? '';
  const state = /\bFRP state:\s*(true|false)/i.exec(said)?.[1];
  const handle = /\bHas FRP credential handle:\s*(true|false)/i.exec(said)?.[1];
  const block = /\bFRP challenge block size:\s*(\d{1,9})/i.exec(said)?.[1];
  if (state === 'true' || handle === 'true' || Number(block ?? 0) > 0) return 'locked';
  if (setting?.trim() === '1') return 'locked';
  if (state === 'false') return 'off';
  if ((sdk ?? 0) >= 35 && partition) return 'unknown';
  return setting?.trim() === '0' || setting?.trim() === 'null' ? 'off' : 'unknown';
}
