import { readFileSync } from 'node:fs';
import t from 'tap';
import { parserOf } from '../../src/carrier-check/carriers/parsers.js';
import { checkCarrierRules, loadCarrierRules } from '../../src/carrier-check/carriers/rules.js';
import { CARRIERS } from '../../src/carrier-check/marks.js';
import { ConfigError, readYamlFile } from '../../src/config.js';
import { RULES_FILE } from './helpers/rules.js';

const RULES = loadCarrierRules(RULES_FILE);

t.test('the rules are checked, and nothing is on before somebody answers for it', async (t) => {
  for (const carrier of CARRIERS) {
    t.equal(RULES.carriers[carrier].web?.enabled, false, `${carrier} is off`);
    t.match(
      parserOf(carrier, RULES)?.version,
      /^[a-z]+-(html|json)\/1 rules 2026-1( unconfirmed)?$/,
    );
  }
  t.match(parserOf('rakuten', RULES)?.version, /unconfirmed$/);
  const wrong = (change: (web: Record<string, unknown>, all: Record<string, unknown>) => void) => {
    const document = readYamlFile(RULES_FILE) as Record<string, unknown> & {
      carriers: { docomo: { web: Record<string, unknown> } };
    };
    change(document.carriers.docomo.web, document);
    try {
      checkCarrierRules(document);
      return [];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return error.faults.map(({ path }) => path);
    }
  };
  const web = 'carriers.docomo.web';
  t.same(
    wrong((own) => Object.assign(own, { enabled: true })),
    [web],
  );
  t.same(
    wrong((own) => Object.assign(own, { enabled: true, termsAcceptedBy: 'A' })),
    [web],
  );
  t.same(
    wrong((own) =>
      Object.assign(own, { enabled: true, termsAcceptedBy: ' ', termsAcceptedAt: '2026-04-01' }),
    ),
    [`${web}.termsAcceptedBy`],
  );
  t.same(
    wrong((own) => Object.assign(own, { typo: 1 })),
    [web],
  );
  t.same(
    wrong((own) => Object.assign(own, { base: 'ftp://x/' })),
    [`${web}.base`],
  );
  t.same(
    wrong((own) => Object.assign(own, { charset: 'klingon' })),
    [`${web}.charset`],
  );
  t.same(
    wrong((own) => Object.assign(own, { form: { page: 'x', field: 'div[' } })),
    [`${web}.form.field`],
  );
  t.same(
    wrong((_own, all) => Object.assign(all, { contact: 'a\r\nx: y' })),
    ['contact'],
  );
  t.same(
    wrong(() => undefined),
    [],
  );
});

/** `carriers.docomo.web.form.field` as config/README.md writes it. */
function generic(key: string): string {
  return key
    .replace(/^carriers\.[a-z]+\./, 'carriers.<name>.')
    .replace(/\.sentences\.[a-z]+$/, '.sentences.<mark>')
    .replace(/\.json\.marks\..*$/, '.json.marks');
}

function keysOf(value: unknown, prefix: string): string[] {
  if (Array.isArray(value)) return [prefix];
  if (typeof value !== 'object' || value === null) return [prefix];
  return Object.entries(value).flatMap(([key, child]) =>
    keysOf(child, prefix ? `${prefix}.${key}` : key),
  );
}

t.test(
  'every key of the rules is explained in config/README.md, and nothing else is',
  async (t) => {
    const [, section = ''] = readFileSync('config/README.md', 'utf8').split('\n## Carriers\n');
    const items = section.split('\n- ').slice(1);
    const explained = new Set(
      items.flatMap((item) => {
        const names = [...(item.split(': ')[0] ?? '').matchAll(/`([^`]+)`/g)].map((match) =>
          (match[1] ?? '').replace('[]', ''),
        );
        const prefix = names[0]?.includes('.')
          ? names[0].slice(0, names[0].lastIndexOf('.') + 1)
          : '';
        return names.map((name, index) =>
          index === 0 || name.includes('.') ? name : prefix + name,
        );
      }),
    );
    const real = new Set(
      keysOf(RULES, '')
        .map(generic)
        .filter((key) => !/\.sentences$/.test(key)),
    );
    t.same(
      [...real].filter((key) => !explained.has(key)),
      [],
      'all explained',
    );
    const optional = ['carriers.<name>.web.json.imei'];
    t.same(
      [...explained].filter((key) => !real.has(key) && !optional.includes(key)),
      [],
      'nothing invented',
    );
  },
);
