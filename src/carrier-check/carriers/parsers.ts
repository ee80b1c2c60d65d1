import type { Carrier } from '../marks.js';
import type { CarrierPage, PageReading, PageRules } from '../parse/page.js';
import { DOCOMO_PARSER, parseDocomo } from './docomo.js';
import { KDDI_PARSER, parseKddi } from './kddi.js';
import { MINEO_PARSER, parseMineo } from './mineo.js';
import { parseRakuten, RAKUTEN_PARSER } from './rakuten.js';
import type { CarrierRules } from './rules.js';
import { parseSoftbank, SOFTBANK_PARSER } from './softbank.js';

/** Reads the pages of one carrier by one set of rules. */
export interface CarrierParser {
  readonly carrier: Carrier;
  /** Which program and which rules read a page, for evidence. */
  readonly version: string;
  readonly parse: (page: CarrierPage, imei: string) => PageReading;
}

/** The parser of a carrier's web pages, or null where the rules do not describe them. Pure. */
export function parserOf(carrier: Carrier, rules: CarrierRules): CarrierParser | null {
  const own = READERS[carrier](rules);
  if (!own) return null;
  const unconfirmed = rules.carriers[carrier].web?.unconfirmed ? ' unconfirmed' : '';
  return { carrier, version: `${own.name} rules ${rules.version}${unconfirmed}`, parse: own.parse };
}

interface Reader {
  readonly name: string;
  readonly parse: CarrierParser['parse'];
}

const READERS: Readonly<Record<Carrier, (rules: CarrierRules) => Reader | null>> = {
  docomo: (rules) => {
    const { web, sentences } = rules.carriers.docomo;
    if (!web) return null;
    const own = { ...shared(rules, web.charset), sentences, result: web.result };
    return { name: DOCOMO_PARSER, parse: (page, imei) => parseDocomo(page, imei, own) };
  },
  kddi: (rules) => {
    const { web, sentences } = rules.carriers.kddi;
    if (!web) return null;
    const own = { ...shared(rules, web.charset), sentences, result: web.result };
    return { name: KDDI_PARSER, parse: (page, imei) => parseKddi(page, imei, own) };
  },
  softbank: (rules) => {
    const { web, sentences } = rules.carriers.softbank;
    if (!web) return null;
    const own = { ...shared(rules, web.charset), sentences, result: web.result };
    return { name: SOFTBANK_PARSER, parse: (page, imei) => parseSoftbank(page, imei, own) };
  },
  rakuten: (rules) => {
    const { web, sentences } = rules.carriers.rakuten;
    if (!web) return null;
    const own = { ...shared(rules, web.charset), sentences, result: web.result, json: web.json };
    return { name: RAKUTEN_PARSER, parse: (page, imei) => parseRakuten(page, imei, own) };
  },
  mineo: (rules) => {
    const { web, sentences } = rules.carriers.mineo;
    if (!web) return null;
    const own = { ...shared(rules, web.charset), sentences, result: web.result };
    return { name: MINEO_PARSER, parse: (page, imei) => parseMineo(page, imei, own) };
  },
};

function shared(rules: CarrierRules, charset: string): Omit<PageRules, 'sentences'> {
  return { charset, glyphs: rules.glyphs, trouble: rules.trouble };
}
