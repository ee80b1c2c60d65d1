import { type CarrierRules, checkCarrierRules } from '../../../src/carrier-check/carriers/rules.js';
import { CARRIERS, type Carrier } from '../../../src/carrier-check/marks.js';
import { readYamlFile } from '../../../src/config.js';

export const RULES_FILE = 'config/carriers.yaml';

/** The committed rules, with every site switched on and, where given, standing elsewhere. */
export function enabledRules(urls: Partial<Record<Carrier, string>> = {}): CarrierRules {
  const document = readYamlFile(RULES_FILE) as {
    carriers: Record<Carrier, { web: Record<string, unknown> }>;
  };
  for (const carrier of CARRIERS) {
    const { web } = document.carriers[carrier];
    web['enabled'] = true;
    web['termsAcceptedBy'] = 'A. Tester';
    web['termsAcceptedAt'] = '2026-04-01';
    web['base'] = urls[carrier] ?? web['base'];
  }
  return checkCarrierRules(document);
}
