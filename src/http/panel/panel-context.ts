import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { z } from 'zod';
import type { rackPlanSchema } from '../panel-schemas.js';
import { type Live, NOTHING } from './live/connection.js';
import type { Session } from './session.js';
import { ja } from './words/ja.js';
import type { Language, Words } from './words/words.js';

export type Plan = z.infer<typeof rackPlanSchema>;

export interface Panel {
  readonly words: Words;
  readonly language: Language;
  readonly live: Live;
  readonly plan: Plan | null;
  /** Who acts here, for the ledger; empty while nobody said. */
  readonly by: string;
  /** Who acts, by the daemon's word; null while it has not said. */
  readonly session: Session | null;
  /** Milliseconds since the epoch by the server's clock, as well as it is known. */
  readonly now: number;
}

export const PanelContext = createContext<Panel>({
  ...{ words: ja, language: 'ja', live: NOTHING, plan: null, by: '', session: null, now: 0 },
});

export function usePanel(): Panel {
  return useContext(PanelContext);
}
