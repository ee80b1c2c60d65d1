import type { TradeInStatus } from './parsers/trade-in-status.js';
import type { HandsetReport } from './report.js';

/**
 * What is known of a handset that only answers `tradeinmode getstatus`. The mode exists only before set-up and ends
 * as soon as an account is added (AOSP packages/modules/adb docs/dev/adb_tradeinmode.md), so it stands for: no
 * account, not set up. All the rest stays unknown until evaluation opens a shell.
 */
export function foyerReport(status: TradeInStatus): HandsetReport {
  return {
    identity: {
      platform: 'android',
      serial: status.serial,
      imeis: status.imeis,
      imeiSource: status.imeis.length > 0 ? 'tradeinmode getstatus' : null,
      manufacturer: status.manufacturer,
      brand: status.brand,
      model: status.model,
      device: status.device,
      osVersion: null,
      sdk: null,
      build: null,
      securityPatch: null,
      storageBytes: status.storageBytes,
      encryption: 'unknown',
      batteryPercent: null,
      batteryCycles: status.batteryCycles,
      felica: 'unknown',
      esim: 'unknown',
    },
    capabilities: {
      mode: 'foyer',
      sdk: null,
      lockScreen: 'none',
      persistentDataBlock: null,
      testHarness: null,
      tradeIn: true,
      masterClearGranted: false,
      resetScreen: null,
      uiAutomator: null,
      memTotalBytes: null,
      dataFileSystem: null,
      telephony: null,
    },
    state: {
      bootId: null,
      androidId: null,
      bootReason: null,
      accounts: 0,
      accountTypes: [],
      addedApps: null,
      users: null,
      owner: 'unknown',
      resetForbidden: null,
      frp: status.frpLocked === null ? 'unknown' : status.frpLocked ? 'locked' : 'off',
      simInserted: null,
      batteryPercent: null,
      powered: null,
      setupComplete: false,
      provisioned: false,
      testHarnessActive: false,
      dataTotalKb: null,
      dataUsedKb: null,
      dataAvailableKb: null,
      crypto: { state: null, type: null, metadata: false },
      felica: { found: [], looked: [] },
    },
    serials: status.serial === null ? [] : [status.serial],
  };
}
