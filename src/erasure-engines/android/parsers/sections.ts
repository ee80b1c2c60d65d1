import { SarachiError } from '../../../errors.js';

/** What one command of a probe script printed. `exitCode` is null where the answer was cut off. */
export interface Section {
  readonly text: string;
  readonly exitCode: number | null;
}

export type Sections = ReadonlyMap<string, Section>;

const MARKER = /^[A-Za-z0-9]{8,64}$/;

/**
 * Splits the answer of a probe script at its marker lines `<marker> begin <name>` and `<marker> end <rc>`. The marker
 * is random per call, so nothing that a handset stores can pretend to be a section. A section without its end line
 * keeps its text and has no exit code; a name that comes twice keeps its first answer.
 */
export function splitSections(answer: string, marker: string): Sections {
  if (!MARKER.test(marker)) throw new SarachiError('internal', { tag: 'section-marker' });
  const sections = new Map<string, Section>();
  for (const piece of answer.split(`${marker} begin `).slice(1)) {
    const lineEnd = piece.indexOf('\n');
    const name = lineEnd < 0 ? '' : piece.slice(0, lineEnd).trim();
    if (!/^[a-z0-9:-]{1,40}$/.test(name) || sections.has(name)) continue;
    sections.set(name, readBody(piece.slice(lineEnd + 1), marker));
  }
  return sections;
}

function readBody(body: string, marker: string): Section {
  const end = body.lastIndexOf(`${marker} end `);
  if (end < 0) return { text: body.replaceAll('\r\n', '\n'), exitCode: null };
  const code = /^([0-9]{1,3})\r?\n/.exec(body.slice(end + marker.length + 5))?.[1];
  const text = body.slice(0, end).replaceAll('\r\n', '\n').replace(/\n$/, '');
  return { text, exitCode: code === undefined ? null : Number(code) };
}

/** The text of a section whose command ended with 0; null for anything else. */
export function answered(sections: Sections, name: string): string | null {
  const section = sections.get(name);
  return section?.exitCode === 0 ? section.text : null;
}
