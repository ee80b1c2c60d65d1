import { SarachiError } from '../../../errors.js';

/**
 * Whether a port has power, from what uhubctl prints without an action: `Current status for hub 1-1 [...]` and a line
 * `Port 3: 0100 power` or `Port 3: 0000 off` for each port asked for. Pure. Null where the port is not in it; hub-protocol where the
 * text contradicts itself. Source: uhubctl README and uhubctl.c, print_port_status.
 */
export function readStatus(text: string, location: string, port: number): boolean | null {
  let hub: string | null = null;
  const found: boolean[] = [];
  for (const line of text.split('\n')) {
    const head = /^Current status for hub (\S+)/.exec(line);
    if (head) hub = head[1] ?? null;
    const row = /^\s+Port (\d+): [0-9a-f]{4} (off|power)\b/.exec(line);
    if (row && hub === location && Number(row[1]) === port) found.push(row[2] === 'power');
  }
  const [first = null, ...others] = found;
  if (others.some((other) => other !== first))
    throw new SarachiError('hub-protocol', { what: 'uhubctl status' });
  return first;
}
