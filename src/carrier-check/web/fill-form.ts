import type { Cheerio, CheerioAPI } from 'cheerio';
import { pageCharset } from '../parse/decode-page.js';
import { elementsOf, type PageElement } from '../parse/element-text.js';
import { openPage } from '../parse/open-page.js';
import type { CarrierPage } from '../parse/page.js';
import { encodeForm, type FormField, formCharset, urlEncode } from './encode-form.js';
import type { PageRequest } from './fetch-page.js';
import { controlsOf, defaultButton, entryList, formOf, openQuestions } from './form-fields.js';
import { isSameSite } from './site.js';

/** Which field of which form takes the number, and what the form must look like. */
export interface FormRules {
  /** CSS selector of the one field that takes the IMEI. */
  readonly field: string;
  /** CSS selector of the button to press; null presses the one that Enter would. */
  readonly submit: string | null;
  /** Names that the form must have; without them it is no longer the form these rules describe. */
  readonly hidden: readonly string[];
}

/** The request that sends the form, or why it cannot be filled in. */
export type FilledForm =
  | { readonly request: PageRequest }
  | { readonly request: null; readonly why: string };

/** What the surroundings of a form give: the charset nobody declared, and a multipart boundary. */
export interface FormSurroundings {
  readonly charset: string;
  readonly boundary: string;
}

/** Fills in the IMEI and presses the button, as a browser without scripts would. Pure. */
export function fillForm(
  page: CarrierPage,
  rules: FormRules,
  imei: string,
  around: FormSurroundings,
): FilledForm {
  const opened = openPage(page, around.charset);
  if (opened.html === null) return cannot(opened.why);
  const { $ } = opened;
  const fields = elementsOf($, rules.field);
  const [field] = fields;
  if (!field || fields.length > 1) return cannot(`${fields.length} fields take the IMEI`);
  const form = formOf($, field);
  if (!form) return cannot('the field stands in no form');
  const controls = controlsOf($, form);
  if (!controls.includes(field)) return cannot('the field is disabled');
  const open = openQuestions($, controls, field);
  if (open.length > 0) return cannot(`the form also asks for ${open.join(', ')}`.slice(0, 200));
  const button = pressed($, controls, rules.submit);
  if (button === undefined) return cannot(`no single button is ${rules.submit}`);
  $(field).attr('value', imei);
  const entries = entryList($, controls, button);
  const missing = rules.hidden.filter((name) => !entries.some(([has]) => has === name));
  if (missing.length > 0) return cannot(`the form no longer has ${missing.join(', ')}`);
  return requestOf($, { page, form, button, entries, around });
}

/** The button to press; null for a form that has none, undefined where the rules' button is missing. */
function pressed(
  $: CheerioAPI,
  controls: readonly PageElement[],
  submit: string | null,
): PageElement | null | undefined {
  if (submit === null) return defaultButton($, controls);
  const found = controls.filter((control) => $(control).is(submit));
  return found.length === 1 ? found[0] : undefined;
}

interface Pressed {
  readonly page: CarrierPage;
  readonly form: PageElement;
  readonly button: PageElement | null;
  readonly entries: readonly FormField[];
  readonly around: FormSurroundings;
}

function requestOf($: CheerioAPI, sent: Pressed): FilledForm {
  const { page, entries, around } = sent;
  const form = $(sent.form);
  const button = sent.button ? $(sent.button) : null;
  const own = (name: string) => button?.attr(`form${name}`) ?? form.attr(name) ?? '';
  const target = actionOf($, page.url, own('action').trim());
  if (!target) return cannot('the form is sent to another site');
  const charset = formCharset(acceptCharset(form) ?? pageCharset(page, around.charset));
  if (charset === null) return cannot('the form is sent in a charset that cannot be written');
  const headers = { referer: page.url };
  const method = own('method').trim().toLowerCase();
  if (method === 'dialog') return cannot('the form is not sent at all');
  if (method !== 'post') {
    target.search = urlEncode(entries, charset);
    return { request: { method: 'GET', url: target.href, headers, body: null } };
  }
  const enctype = own('enctype').trim().toLowerCase();
  if (enctype === 'text/plain') return cannot('the form is sent as text/plain');
  const { contentType, body } = encodeForm(entries, {
    charset,
    enctype: enctype === 'multipart/form-data' ? enctype : 'application/x-www-form-urlencoded',
    boundary: around.boundary,
  });
  const posted = { ...headers, 'content-type': contentType, origin: new URL(page.url).origin };
  return { request: { method: 'POST', url: target.href, headers: posted, body } };
}

/** Where the form goes: its action by the page's base, or the page itself; null when that is another site. */
function actionOf($: CheerioAPI, pageUrl: string, action: string): URL | null {
  const page = new URL(pageUrl);
  const base = $('base[href]').first().attr('href') ?? '';
  const against = URL.canParse(base, pageUrl) ? new URL(base, pageUrl) : page;
  if (action === '') return page;
  if (!URL.canParse(action, against.href)) return null;
  const target = new URL(action, against.href);
  return isSameSite(page, target) ? target : null;
}

function acceptCharset(form: Cheerio<PageElement>): string | null {
  const [first] = (form.attr('accept-charset') ?? '').trim().split(/[\s,]+/);
  return first ? first : null;
}

function cannot(why: string): FilledForm {
  return { request: null, why };
}
