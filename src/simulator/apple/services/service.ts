import type { Duplex } from 'node:stream';
import { afcService, crashReports } from '../afc/afc-service.js';
import type { IphoneOs } from '../iphone-os.js';
import { diagnosticsRelay } from './diagnostics-relay.js';
import { mcInstall } from './mc-install.js';
import { mobileBackup } from './mobile-backup.js';
import { crashReportMover, mobileActivation, notificationProxy } from './small-services.js';

export interface Service {
  /** Speaks until either side has enough. */
  readonly serve: (stream: Duplex, phone: IphoneOs) => Promise<void>;
  /** Reachable without a session, and then in plain text. */
  readonly open?: boolean;
  /** Reads what the passcode protects, so it waits for the first unlock after a boot. */
  readonly needsUnlock?: boolean;
}

const DIAGNOSTICS: Service = { serve: diagnosticsRelay, needsUnlock: true };

/** What lockdown starts, by name. */
export const SERVICES: Readonly<Record<string, Service>> = {
  'com.apple.afc': { serve: afcService, needsUnlock: true },
  'com.apple.crashreportcopymobile': { serve: crashReports, needsUnlock: true },
  'com.apple.crashreportmover': { serve: crashReportMover },
  'com.apple.mobile.MCInstall': { serve: mcInstall },
  'com.apple.mobile.diagnostics_relay': DIAGNOSTICS,
  'com.apple.iosdiagnostics.relay': DIAGNOSTICS,
  'com.apple.mobile.notification_proxy': { serve: notificationProxy },
  'com.apple.mobile.insecure_notification_proxy': { serve: notificationProxy, open: true },
  'com.apple.mobileactivationd': { serve: mobileActivation },
  'com.apple.mobilebackup2': { serve: mobileBackup, needsUnlock: true },
};
