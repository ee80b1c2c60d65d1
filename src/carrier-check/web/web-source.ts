import { randomUUID } from 'node:crypto';
import { load } from 'cheerio';
import { ConfigError } from '../../config.js';
import { abortError, type WaitOptions } from '../../wait.js';
import type { AnswerSource, CarrierAnswer, CarrierSource } from '../answer.js';
import { type CarrierParser, parserOf } from '../carriers/parsers.js';
import type { CarrierRules } from '../carriers/rules.js';
import type { Carrier } from '../marks.js';
import { decodePage } from '../parse/decode-page.js';
import { dropUnseen, nodeLines, pageExcerpt } from '../parse/element-text.js';
import { type CarrierPage, noMark, type PageReading } from '../parse/page.js';
import { captchaReading, statusReading, wordsReading } from '../parse/trouble.js';
import { noPage } from './build-answer.js';
import { fetchPage, newVisit, type PageRequest, type Visit } from './fetch-page.js';
import { type FilledForm, fillForm } from './fill-form.js';
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
    let referer = {};
    for (const [index, path] of web.form.visit.entries()) {
      const fetched = await fetchPage(get(new URL(path, web.base), referer), visit, signal);
      if (!fetched.page) return { reading: noPage(fetched.why), page: null };
      const { page } = fetched;
      const last = index === web.form.visit.length - 1;
      const around = { charset: web.charset, boundary: `----${randomUUID()}` };
      const filled = last ? fillForm(page, web.form, imei, around) : null;
      const reading = formTrouble(page, filled, this.#rules, web.charset);
      if (reading) return { reading, page };
      if (filled?.request) return filled.request;
      referer = { referer: page.url };
    }
    throw abortError(signal);
  }
}

/** Why the page before the result cannot be gone past, or null. */
function formTrouble(
  page: CarrierPage,
  filled: FilledForm | null,
  rules: CarrierRules,
  charset: string,
): PageReading | null {
  const html = decodePage(page, charset) ?? '';
  const $ = load(html);
  dropUnseen($);
  const excerpt = pageExcerpt($);
  const trouble =
    captchaReading(html, excerpt, rules.trouble) ??
    statusReading(page.status, excerpt, rules.trouble);
  if (trouble || !filled || filled.request) return trouble;
  return (
    wordsReading(nodeLines($.root()), excerpt, rules.trouble) ??
    noMark('parser-drift', filled.why, { excerpt })
  );
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
