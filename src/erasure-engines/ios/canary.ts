import { randomBytes } from 'node:crypto';
import { refusedWith } from '../../devices/apple/afc/afc-status.js';
import { hasCode } from '../../errors.js';
import type { Evidence } from '../../evidence.js';
import { latest } from '../past.js';
import { questionWait, type Visit } from './visit.js';

/** Folders of the media folder that every system lays out; the root is the first. */
const PLACES = ['', '/DCIM', '/Downloads'] as const;

export interface Canary {
  readonly path: string;
  readonly token: string;
}

/** `unknown`: files are not served, so that the file's absence says nothing. */
export type CanaryState = 'survived' | 'gone' | 'unknown';

/** Puts files of this run among those of the seller and reads them back; records only what was really there. */
export async function plantCanaries(visit: Visit): Promise<void> {
  const { link, context } = visit;
  const wait = questionWait(visit);
  const planted = await orNone(() =>
    link.afc(wait, async (afc, signal) => {
      const limit = { ...wait, signal };
      const found: Canary[] = [];
      for (const place of PLACES) {
        const token = randomBytes(16).toString('hex');
        const path = `${place}/sarachi-canary-${token.slice(0, 12)}`;
        const bytes = Buffer.from(token);
        const written = await orNone(async () => {
          const handle = await afc.open(path, 'create', limit);
          await afc.write(handle, bytes, limit);
          await afc.seek(handle, 0, limit);
          const back = await afc.read(handle, bytes.length, limit);
          await afc.close(handle, limit);
          return back.equals(bytes);
        });
        if (written) found.push({ path, token });
      }
      return found;
    }),
  );
  await context.record('canary-planted', {
    method: 'AFC write and read back',
    holds: (planted?.length ?? 0) > 0,
    value: { canaries: (planted ?? []).map(({ path, token }) => ({ path, token })) },
  });
}

/** The canaries of the last planting that is on record. */
export function plantedCanaries(evidence: readonly Evidence[]): readonly Canary[] {
  const list = latest(evidence, 'canary-planted')?.value['canaries'];
  if (!Array.isArray(list)) return [];
  return list.flatMap(({ path, token }: Record<string, unknown>) =>
    typeof path === 'string' && typeof token === 'string' ? [{ path, token }] : [],
  );
}

/** Looks for each canary. The root must be listable, or nothing was seen. */
export async function lookForCanaries(
  visit: Visit,
): Promise<readonly { readonly path: string; readonly state: CanaryState }[]> {
  const canaries = plantedCanaries(visit.context.history().evidence);
  const wait = questionWait(visit);
  const states = await orNone(() =>
    visit.link.afc(wait, async (afc, signal) => {
      const limit = { ...wait, signal };
      await afc.list('/', limit);
      const found: CanaryState[] = [];
      for (const { path } of canaries) {
        const state = await afc.fileInfo(path, limit).then(
          () => 'survived' as const,
          (error: unknown) => {
            if (refusedWith(error, 'not-found')) return 'gone' as const;
            if (hasCode(error, 'afc-refused')) return 'unknown' as const;
            throw error;
          },
        );
        found.push(state);
      }
      return found;
    }),
  );
  return canaries.map(({ path }, index) => ({ path, state: states?.[index] ?? 'unknown' }));
}

/** A refusal is an answer: there is nothing of this kind. */
async function orNone<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (hasCode(error, 'afc-refused', 'iphone-refused')) return null;
    throw error;
  }
}
