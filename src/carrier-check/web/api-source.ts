import { ConfigError } from '../../config.js';
import type { WaitOptions } from '../../wait.js';
import type { AnswerSource, CarrierAnswer, CarrierSource } from '../answer.js';
import type { CarrierRules } from '../carriers/rules.js';
import type { ApiRules } from '../carriers/source-schemas.js';
import type { Carrier } from '../marks.js';
import { readJsonResult } from '../parse/json-result.js';
import { noPage } from './build-answer.js';
import { fetchPage, newVisit } from './fetch-page.js';
import { type Settled, type SourceDeps, settle } from './settle.js';
import { refuseUnlessConsented } from './web-source.js';

/** A partner's HTTP interface that knows the marks of one carrier. */
export class ApiSource implements CarrierSource {
  readonly source: AnswerSource = 'api';
  readonly carrier: Carrier;
  readonly #api: ApiRules;
  readonly #secret: string;
  readonly #rules: CarrierRules;
  readonly #deps: SourceDeps;

  constructor(
    carrier: Carrier,
    access: { readonly api: ApiRules; readonly secret: string },
    rules: CarrierRules,
    deps: SourceDeps,
  ) {
    this.carrier = carrier;
    this.#api = access.api;
    this.#secret = access.secret;
    this.#rules = rules;
    this.#deps = deps;
  }

  /** Asks once. Every trouble is an answer; rejects only with the signal's error. */
  async lookUp(imei: string, options: WaitOptions): Promise<CarrierAnswer> {
    const { carrier, source } = this;
    const { crossScope } = this.#rules.carriers[carrier];
    const parser = `api-json/1 rules ${this.#rules.version}`;
    const about = { carrier, source, imei, parser, crossScope };
    return settle(about, options, this.#deps, (signal) => this.#ask(imei, signal));
  }

  async #ask(imei: string, signal: AbortSignal): Promise<Settled> {
    const { url, secret, json } = this.#api;
    const headers = { accept: 'application/json', [secret.header.toLowerCase()]: this.#secret };
    const request = {
      method: 'GET',
      url: url.replaceAll('{imei}', imei),
      headers,
      body: null,
    } as const;
    // A redirect would carry the secret to where it does not belong.
    const fetched = await fetchPage(request, newVisit(this.#rules.contact, 0), signal);
    if (!fetched.page) return { reading: noPage(fetched.why), page: null };
    return {
      reading: readJsonResult(fetched.page, imei, json, this.#rules.trouble),
      page: fetched.page,
    };
  }
}

/**
 * The partner interface of a carrier. Throws ConfigError unless it is described, switched on, answered for, and its
 * secret stands in the environment.
 */
export function apiSource(
  carrier: Carrier,
  rules: CarrierRules,
  env: NodeJS.ProcessEnv,
  deps: SourceDeps,
): ApiSource {
  const { api } = rules.carriers[carrier];
  const path = `carriers.${carrier}.api`;
  if (!api) throw new ConfigError([{ path, message: 'is not described' }]);
  refuseUnlessConsented(api, path);
  const value = env[api.secret.env];
  if (!value || !/^[\x21-\x7e]+$/.test(value)) {
    const message = `${api.secret.env} in the environment is not a secret that a header can hold`;
    throw new ConfigError([{ path: `${path}.secret.env`, message }]);
  }
  return new ApiSource(carrier, { api, secret: `${api.secret.prefix}${value}` }, rules, deps);
}
