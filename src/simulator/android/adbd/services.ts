import type { HandsetOs } from '../handset-os.js';
import type { AdbStream, Service } from './adb-stream.js';
import { spokenFeatures } from './banner.js';
import { shellService } from './shell-service.js';
import { SyncSession } from './sync-session.js';

/**
 * The service of that name, or `null` when this handset has none. Names: AOSP packages/modules/adb,
 * docs/dev/services.md. Shell arguments other than `v2` (terminal type, `raw`) change nothing here: there is no
 * terminal.
 */
export function findService(name: string, os: HandsetOs): Service | null {
  const colon = name.indexOf(':');
  if (colon < 0) return null;
  const [kind, ...options] = name.slice(0, colon).split(',');
  const argument = name.slice(colon + 1);
  const features = spokenFeatures(os.banner());
  if (kind === 'shell') {
    // Android 6 takes `shell,…` for a service it has never heard of.
    if (options.length > 0 && !features.includes('shell_v2')) return null;
    return shellService(os, argument, options.includes('v2') ? 'shell-v2' : 'shell-v1');
  }
  if (options.length > 0) return null;
  switch (kind) {
    case 'exec':
      return shellService(os, argument, 'exec');
    case 'sync':
      return (stream) => new SyncSession(stream, os.files, features).run();
    case 'reboot':
      return (stream) => reboot(os, argument, stream);
    default:
      return null;
  }
}

/** The stream stays open until the handset is gone, as adbd leaves it: its end is what the host waits for. */
async function reboot(os: HandsetOs, target: string, stream: AdbStream): Promise<void> {
  os.reboot(target);
  while ((await stream.read()) !== null);
}
