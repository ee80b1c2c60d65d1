import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ATTENTIONS } from '../../src/attention.js';
import { ERRORS } from '../../src/errors.js';
import { EVIDENCE_KINDS } from '../../src/evidence.js';
import { LIGHTS } from '../../src/ports/lights.js';

/** The sections of a page by their code; a code that stands twice would be lost, so that is an error. */
function sectionsOf(page: string): Map<string, string> {
  const text = readFileSync(join(process.cwd(), 'docs', page), 'utf8');
  const sections = new Map<string, string>();
  for (const part of text.split(/^## /m).slice(1)) {
    const found = /^`([a-z-]+)`\n/.exec(part);
    if (!found?.[1]) throw new Error(`${page}: a heading without a code: ${part.slice(0, 40)}`);
    if (sections.has(found[1])) throw new Error(`${page}: ${found[1]} stands twice`);
    sections.set(found[1], part);
  }
  return sections;
}

/** What a section says under one of its labels; empty when it says nothing. */
function said(section: string | undefined, label: string): string {
  const line = (section ?? '').split('\n').find((text) => text.startsWith(`- ${label}: `));
  return line?.slice(label.length + 4) ?? '';
}

t.test('errors.md explains every code, and only codes that exist', async (t) => {
  const sections = sectionsOf('errors.md');
  t.same([...sections.keys()].sort(), Object.keys(ERRORS).sort());
  for (const [code, { message, blame, again }] of Object.entries(ERRORS)) {
    const section = sections.get(code);
    t.equal(said(section, 'Says'), `${message}.`, code);
    t.equal(said(section, 'Trouble'), `${blame}. Again: ${again ? 'yes' : 'no'}.`, code);
    for (const label of ['Means', 'Do'])
      t.match(said(section, label), /^.{7,}\.$/, `${code} ${label}`);
  }
});

t.test('attention.md has the words of every attention, and only those', async (t) => {
  const sections = sectionsOf('attention.md');
  t.same([...sections.keys()].sort(), Object.keys(ATTENTIONS).sort());
  for (const [code, { ja, en, clears }] of Object.entries(ATTENTIONS)) {
    const section = sections.get(code);
    t.equal(said(section, '日本語'), ja, code);
    t.equal(said(section, 'English'), en, code);
    const how = said(section, 'Clears');
    t.ok(how.startsWith(`\`${clears}\`. `), `${code} clears by ${clears}`);
    t.ok(how.length > clears.length + 20, `${code} says how it clears`);
  }
});

t.test('the words of an attention name the button that clears it', async (t) => {
  const words = {
    'by-itself': [/^(?!.*「(再試行|確認)」を押)/, /^(?!.*press (Retry|Confirm))/],
    retry: [/「再試行」を押/, /press Retry/],
    confirm: [/「確認」を押/, /press Confirm/],
    remove: [/取り外し/, /\b(take|move) .*\b(it|both|out|lane)\b/i],
  } as const;
  for (const [code, { ja, en, clears }] of Object.entries(ATTENTIONS)) {
    const [inJa, inEn] = words[clears];
    t.match(ja, inJa, `${code} ja`);
    t.match(en, inEn, `${code} en`);
  }
});

t.test('evidence.md says of every kind what it proves and what not', async (t) => {
  const sections = sectionsOf('evidence.md');
  t.same([...sections.keys()].sort(), Object.keys(EVIDENCE_KINDS).sort());
  for (const [kind, text] of Object.entries(EVIDENCE_KINDS)) {
    const section = sections.get(kind);
    t.ok(section?.includes(`\nTells ${text}.\n`), kind);
    for (const label of ['Observed', 'Proves', 'Does not prove'])
      t.match(said(section, label), /^.{12,}\.$/, `${kind} ${label}`);
  }
});

t.test('lights.md has the whole table of lights, and says when each is shown', async (t) => {
  const page = readFileSync(join(process.cwd(), 'docs', 'lights.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (.+) \|$/gm)].map(([, name, cells = '']) => {
    const [colour, pattern, ja, en, when = ''] = cells.split(' | ');
    t.ok(when.length > 15, `${name} says when`);
    return [name, { colour, pattern, ja, en }];
  });
  t.same(Object.fromEntries(rows), LIGHTS);
});
