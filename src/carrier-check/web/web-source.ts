import { randomUUID } from 'node:crypto';
import { ConfigError } from '../../config.js';
import type { WaitOptions } from '../../wait.js';
import type { AnswerSource, CarrierAnswer, CarrierSource } from '../answer.js';
import { type CarrierParser, parserOf } from '../carriers/parsers.js';
import type { CarrierRules } from '../carriers/rules.js';
import type { Carrier } from '../marks.js';
import type { CarrierPage } from '../parse/page.js';
import { faultReading, passageReading } from '../parse/passage.js';
import { noPage } from './build-answer.js';
import { fetchPage, newVisit, type PageRequest, type Visit } from './fetch-page.js';
import { fillForm } from './fill-form.js';
import { type Settled, type SourceDeps, settle } from './settle.js';

type WebRules = NonNullable<CarrierRules['carriers'][Carrier]['web']>;

/** One carrier's website, asked as a browser without scripts would ask it. */
export class WebSource implements CarrierSource {
  readonly source: AnswerSource = 'web';
  readonly carrier: Carrier;
  readonly #rules: CarrierRules;
  readonly #web: WebRules;
  readonly #parser: CarrierParser;
  readonly #deps: SourceDeps;

  constructor(parser: CarrierParser, web: WebRules, rules: CarrierRules, deps: SourceDeps) {
    this.carrier = parser.carrier;
    this.#parser = parser;
    this.#web = web;
    this.#rules = rules;
    this.#deps = deps;
  }

  /** Asks once, with cookies of its own. Every trouble is an answer; rejects only with the signal's error. */
  async lookUp(imei: string, options: WaitOptions): Promise<CarrierAnswer> {
    const { carrier, source } = this;
    const { crossScope } = this.#rules.carriers[carrier];
    const { version: parser } = this.#parser;
    const about = { carrier, source, imei, parser, crossScope };
    return settle(about, options, this.#deps, (signal) => this.#ask(imei, signal));
  }

  async #ask(imei: string, signal: AbortSignal): Promise<Settled> {
    const visit = newVisit(this.#rules.contact);
    const asked = await this.#question(imei, visit, signal);
    if ('reading' in asked) return asked;
    const fetched = await fetchPage(asked, visit, signal);
    if (!fetched.page) return { reading: noPage(fetched.why), page: null };
    return { reading: this.#parser.parse(fetched.page, imei), page: fetched.page };
  }

  /** The request that asks about one IMEI, or what came in its way. */
  async #question(imei: string, visit: Visit, signal: AbortSignal): Promise<PageRequest | Settled> {
    const web = this.#web;
    if ('json' in web) {
      const headers = { accept: 'application/json' };
      return get(new URL(web.json.path.replaceAll('{imei}', imei), web.base), headers);
    }
    let referer: string | null = null;
    for (const path of web.form.before) {
      const passed: CarrierPage | Settled = await this.#pass(path, referer, visit, signal);
      if ('reading' in passed) return passed;
      referer = passed.url;
    }
    const page = await this.#pass(web.form.page, referer, visit, signal);
    if ('reading' in page) return page;
    const around = { charset: web.charset, boundary: `----${randomUUID()}` };
    const filled = fillForm(page, web.form, imei, around);
    if (filled.request) return filled.request;
    return { reading: faultReading(page, this.#passage, filled.why), page };
  }

  /** A page on the way to the result, unless something is in the way. */
  async #pass(
    path: string,
    referer: string | null,
    visit: Visit,
    signal: AbortSignal,
  ): Promise<CarrierPage | Settled> {
    const request = get(new URL(path, this.#web.base), referer === null ? {} : { referer });
    const fetched = await fetchPage(request, visit, signal);
    if (!fetched.page) return { reading: noPage(fetched.why), page: null };
    const reading = passageReading(fetched.page, this.#passage);
    return reading ? { reading, page: fetched.page } : fetched.page;
  }

  get #passage() {
    return { charset: this.#web.charset, trouble: this.#rules.trouble };
  }
}

function get(url: URL, headers: Readonly<Record<string, string>>): PageRequest {
  return { method: 'GET', url: url.href, headers, body: null };
}

/**
 * The web source of a carrier. Throws ConfigError unless the operator has switched it on and someone has accepted the
 * terms of the site.
 */
export function webSource(carrier: Carrier, rules: CarrierRules, deps: SourceDeps): WebSource {
  const { web } = rules.carriers[carrier];
  const parser = parserOf(carrier, rules);
  const path = `carriers.${carrier}.web`;
  if (!web || !parser) throw new ConfigError([{ path, message: 'is not described' }]);
  refuseUnlessConsented(web, path);
  return new WebSource(parser, web, rules, deps);
}

interface Consent {
  readonly enabled: boolean;
  readonly termsAcceptedBy: string | null;
  readonly termsAcceptedAt: string | null;
}

/** Throws ConfigError for a source that nobody switched on or answers for. */
export function refuseUnlessConsented(source: Consent, path: string): void {
  const { enabled, termsAcceptedBy, termsAcceptedAt } = source;
  if (!enabled) throw new ConfigError([{ path: `${path}.enabled`, message: 'is not switched on' }]);
  if (termsAcceptedBy === null || termsAcceptedAt === null) {
    const message = 'nobody has accepted the terms of this site';
    throw new ConfigError([{ path: `${path}.termsAcceptedBy`, message }]);
  }
}
