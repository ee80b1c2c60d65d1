import type { ClearAnswer, ClearingHelp, ClearingMethod, ClearJob } from './clearing-method.js';

/**
 * The function that the handset's maker built into Settings. Only a person may walk through it: it asks for consent, and
 * refuses whoever does not come from Settings. The reader keeps its field away from the handset meanwhile.
 */
export class OnDevice implements ClearingMethod {
  readonly id = 'on-device';
  readonly #timeoutMs: number;

  constructor({ timeoutSeconds }: { readonly timeoutSeconds: number }) {
    this.#timeoutMs = timeoutSeconds * 1000;
  }

  async clear(_job: ClearJob, help: ClearingHelp): Promise<ClearAnswer> {
    await help.ask('felica-clear-on-device');
    const back = await help.awayAndBack(this.#timeoutMs);
    return back
      ? { outcome: 'cleared', nativeCode: null, said: 'taken off the reader and put back on it' }
      : { outcome: 'cancelled', nativeCode: 'timeout', said: null };
  }
}
