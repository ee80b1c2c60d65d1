import { askShell } from './ask-shell.js';
import type { Rung } from './rung.js';

/**
 * The factory-reset broadcast, in the component form that Android 8 and later need. `Broadcast completed: result=0`
 * only says that it was delivered; without the MASTER_CLEAR grant nothing follows (AOSP MasterClearReceiver).
 */
const COMMAND = [
  'am broadcast -n android/com.android.server.MasterClearReceiver --receiver-foreground',
  '-a android.intent.action.FACTORY_RESET',
  '--ez android.intent.extra.WIPE_EXTERNAL_STORAGE true',
  '--ez com.android.internal.intent.extra.WIPE_ESIMS true',
  '--es android.intent.extra.REASON rack',
].join(' ');

export const broadcastRung: Rung = {
  method: 'broadcast',
  async ask(visit, report) {
    if (!report.capabilities.masterClearGranted) {
      return { kind: 'refused', why: 'not-granted', said: '' };
    }
    const { said, exitCode } = await askShell(visit, COMMAND);
    if (/SecurityException|Permission Denial/i.test(said))
      return { kind: 'refused', why: 'denied', said };
    if (exitCode !== null && exitCode !== 0)
      return { kind: 'refused', why: `exit-code-${exitCode}`, said };
    return { kind: 'asked', said };
  },
};
