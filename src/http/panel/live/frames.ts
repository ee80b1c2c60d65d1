/** One event of an event stream. */
export interface Frame {
  readonly id: string | null;
  readonly event: string;
  readonly data: string;
}

/**
 * Takes the text of an event stream in pieces and gives the frames that are complete (WHATWG HTML, server-sent
 * events; lines end in LF here). `rest` goes in again before the next piece. Pure.
 */
export function framesIn(text: string): {
  readonly frames: readonly Frame[];
  readonly rest: string;
} {
  const blocks = text.split('\n\n');
  const rest = blocks.pop() ?? '';
  return { frames: blocks.flatMap(frameOf), rest };
}

function frameOf(block: string): Frame[] {
  let id: string | null = null;
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'id') id = value;
    if (name === 'event') event = value;
    if (name === 'data') data.push(value);
  }
  return data.length > 0 ? [{ id, event, data: data.join('\n') }] : [];
}
