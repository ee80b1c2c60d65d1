import type { PortView, RackView } from '../ports/view.js';

/** Width of every line without its line end. */
export const LINE_WIDTH = 39;

function field(text: string, width: number): string {
  const ascii = text.replaceAll(/[^\x20-\x7e]/g, '?');
  return ascii.slice(0, width).padEnd(width);
}

function portLine({ port, light }: PortView): string {
  return [
    field(port, 3),
    field(light.colour, 10),
    field(light.pattern, 9),
    field(light.word.en, 14),
  ].join(' ');
}

/**
 * The lights for a microcontroller: ASCII, every line of the same width and ended by LF, so that port n is found by
 * seeking. The first line is `#`, the time (UTC, seconds), staleAfter (seconds, rounded up) and seq.
 */
export function ledsText(view: RackView): string {
  const time = `${view.serverTime.slice(0, 19)}Z`;
  const stale = String(Math.ceil(view.staleAfter)).padStart(5, '0');
  const head = `# ${time} ${stale} ${String(view.seq).padStart(10, '0')}`;
  return [head, ...view.ports.map(portLine)].map((line) => `${line}\n`).join('');
}
