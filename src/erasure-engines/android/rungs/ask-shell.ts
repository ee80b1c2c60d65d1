import { hasCode } from '../../../errors.js';
import { cleanField } from '../../../text.js';
import { commandWait, type Visit } from '../visit.js';

/**
 * Runs a command that may make the handset leave in the middle of it: that is told as `gone`, not as an error, since
 * leaving is what was asked for.
 */
export async function askShell(
  visit: Visit,
  command: string,
): Promise<{ said: string; exitCode: number | null }> {
  try {
    const { stdout, stderr, exitCode } = await visit.link.shell(command, commandWait(visit));
    return { said: cleanField(`${stdout} ${stderr}`, 200) ?? '', exitCode };
  } catch (error) {
    if (!hasCode(error, 'handset-gone', 'adb-closed', 'adb-protocol')) throw error;
    return { said: 'gone', exitCode: null };
  }
}
