import { useEffect, useState } from 'preact/hooks';
import type { Need, Role } from '../access/roles.js';
import { type Answer, useAnswer } from './api.js';

/** Who acts at this panel. Without keys that is whoever stands at the rack. */
export interface Session {
  readonly key: string | null;
  readonly person: string | null;
  readonly role: Role;
  readonly may: readonly Need[];
}

const TRY_AGAIN_MS = 2_000;

/** The daemon's word on who this is, asked anew for each start of it and for each key. */
export function useSession(boot: string | null, key: number): Session | null {
  const path = boot === null ? null : '/api/v1/session';
  const [known, setKnown] = useState(false);
  const answer: Answer<Session> = useAnswer(path, {
    ...{ again: `${boot} ${key}`, every: known ? 0 : TRY_AGAIN_MS },
  });
  const here = answer.state === 'here';
  useEffect(() => setKnown(here), [here]);
  return here ? answer.body : null;
}
