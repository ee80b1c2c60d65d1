import type { RackChange, RackView } from '../ports/view.js';
import { stampOf } from './document.js';

/** One frame of an event stream (WHATWG HTML, server-sent events). JSON has no line ends, so one data line is enough. */
function frame(event: string, data: unknown, id: string | null): string {
  const head = id === null ? '' : `id: ${id}\n`;
  return `${head}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** The id of the event after which a client has the rack as of this seq. */
export function eventId(bootId: string, seq: number): string {
  return `${bootId}.${seq}`;
}

/** The seq of an id that this start of the daemon gave out; null for every other. */
export function seqOf(bootId: string, id: string): number | null {
  const digits = id.startsWith(`${bootId}.`) ? id.slice(bootId.length + 1) : '';
  return /^[0-9]{1,15}$/.test(digits) ? Number(digits) : null;
}

/** How long a client waits before it comes back, in milliseconds. */
export function retryFrame(ms: number): string {
  return `retry: ${ms}\n\n`;
}

/** The whole rack. */
export function rackFrame(bootId: string, view: RackView): string {
  return frame('rack', view, eventId(bootId, view.seq));
}

/** What changed since the event before. */
export function changeFrame(bootId: string, change: RackChange): string {
  return frame('change', change, eventId(bootId, change.seq));
}

/** Nothing changed, and it is still true. */
export function beatFrame(view: RackView): string {
  return frame('beat', stampOf(view), null);
}

/** Some changes after `lastEventId` can no longer be told; the whole rack follows. */
export function gapFrame(view: RackView, lastEventId: string): string {
  return frame('gap', { ...stampOf(view), lastEventId }, null);
}
