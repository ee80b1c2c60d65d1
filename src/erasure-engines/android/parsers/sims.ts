export type Presence = 'present' | 'not-present' | 'unknown';

/** Whether a SIM card is in the handset, from the rows of `content://telephony/siminfo` and `gsm.sim.state`. */
export function simInserted(rows: string | null, simState: string | null): boolean | null {
  const states = (simState ?? '').split(',').map((state) => state.trim().toUpperCase());
  const inserted = [
    'PIN_REQUIRED',
    'PUK_REQUIRED',
    'NETWORK_LOCKED',
    'READY',
    'LOADED',
    'PERM_DISABLED',
    'CARD_RESTRICTED',
  ];
  const read = parseRows(rows);
  // An enabled eSIM profile also makes the radio say LOADED; only a row that is not embedded is a card.
  if (read?.some(({ slot, embedded }) => slot >= 0 && !embedded)) return true;
  if (read?.some(({ slot, embedded }) => slot >= 0 && embedded)) return false;
  if (states.some((state) => inserted.includes(state))) return true;
  return read !== null || states.some((state) => state === 'ABSENT') ? false : null;
}

/** Whether an eSIM profile is stored. The chip itself, without any profile, does not count. */
export function esimProfile(rows: string | null): Presence {
  const read = parseRows(rows);
  if (read === null) return 'unknown';
  return read.some(({ embedded }) => embedded) ? 'present' : 'not-present';
}

function parseRows(text: string | null): { slot: number; embedded: boolean }[] | null {
  if (text === null) return null;
  const lines = text.split('\n').filter((line) => /^Row: \d+ /.test(line));
  if (lines.length === 0) return /No result found/i.test(text) ? [] : null;
  return lines.slice(0, 64).map((line) => ({
    slot: Number(/\bsim_id=(-?\d{1,3})\b/.exec(line)?.[1] ?? -1),
    embedded: /\bis_embedded=1\b/.test(line),
  }));
}
