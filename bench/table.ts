import type { Row } from './bench.js';

const HEADINGS = ['claim', 'ours', 'peer', 'ratio', 'goal', 'met', 'runs', 'spread of the runs'];

/** The rows as lines of equal columns. */
export function drawTable(rows: readonly Row[]): readonly string[] {
  const cells = rows.map(({ claim, ours, peer, ratio, goal, met, runs, spread }) => [
    claim,
    ours,
    peer,
    ratio === null ? '-' : ratio.toFixed(2),
    goal,
    met === null ? '-' : met ? 'yes' : 'NO',
    String(runs),
    spread,
  ]);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(HEADINGS), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)];
}
