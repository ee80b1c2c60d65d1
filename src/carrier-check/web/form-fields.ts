import type { CheerioAPI } from 'cheerio';
import { elementsOf, type PageElement } from '../parse/element-text.js';
import type { FormField } from './encode-form.js';

const CONTROLS = 'input, select, textarea, button';
const BUTTONS = new Set(['submit', 'image', 'reset', 'button']);
const ASKING = new Set(['', 'text', 'tel', 'number', 'search', 'password', 'email', 'url', 'file']);

/** The type of an input or button, in lower case; a button without one submits. */
export function typeOf($: CheerioAPI, control: PageElement): string {
  const fallback = control.tagName === 'button' ? 'submit' : '';
  return ($(control).attr('type') ?? fallback).trim().toLowerCase();
}

/** The form that a control belongs to: the one it names, otherwise the one around it. */
export function formOf($: CheerioAPI, control: PageElement): PageElement | null {
  const named = $(control).attr('form');
  const isOwner = (form: PageElement) =>
    named === undefined ? $.contains(form, control) : $(form).attr('id') === named;
  return elementsOf($, 'form').find(isOwner) ?? null;
}

/** Every control of a form that is not disabled, in the order of the page. */
export function controlsOf($: CheerioAPI, form: PageElement): PageElement[] {
  return elementsOf($, CONTROLS)
    .filter((control) => formOf($, control) === form)
    .filter((control) => !$(control).is('[disabled], fieldset[disabled] *, datalist *'));
}

/** The button that Enter presses: the first that submits. */
export function defaultButton($: CheerioAPI, controls: readonly PageElement[]): PageElement | null {
  const submits = (control: PageElement) =>
    control.tagName !== 'select' &&
    control.tagName !== 'textarea' &&
    ['submit', 'image'].includes(typeOf($, control));
  return controls.find(submits) ?? null;
}

/** Names of the controls, other than `field`, that a person would have to fill in. */
export function openQuestions(
  $: CheerioAPI,
  controls: readonly PageElement[],
  field: PageElement,
): string[] {
  return controls
    .filter((control) => control !== field && asks($, control))
    .map((control) => $(control).attr('name') ?? control.tagName);
}

function asks($: CheerioAPI, control: PageElement): boolean {
  if (control.tagName === 'textarea') return $(control).text() === '';
  if (control.tagName !== 'input') return false;
  return ASKING.has(typeOf($, control)) && ($(control).attr('value') ?? '') === '';
}

/** What a form sends when `button` is pressed (WHATWG HTML, constructing the entry list). */
export function entryList(
  $: CheerioAPI,
  controls: readonly PageElement[],
  button: PageElement | null,
): FormField[] {
  return controls.flatMap((control) => {
    const name = $(control).attr('name') ?? '';
    if (control.tagName === 'select') return selected($, control, name);
    const type = typeOf($, control);
    const isButton = control.tagName === 'button' || BUTTONS.has(type);
    if (isButton && control !== button) return [];
    if (type === 'image') return pressedImage(name);
    if (name === '' || type === 'file') return [];
    if (control.tagName === 'textarea') return [[name, $(control).text()]];
    if (type === 'checkbox' || type === 'radio') {
      return $(control).is('[checked]') ? [[name, $(control).attr('value') ?? 'on']] : [];
    }
    return [[name, $(control).attr('value') ?? '']];
  });
}

function pressedImage(name: string): FormField[] {
  const prefix = name === '' ? '' : `${name}.`;
  return [
    [`${prefix}x`, '0'],
    [`${prefix}y`, '0'],
  ];
}

function selected($: CheerioAPI, control: PageElement, name: string): FormField[] {
  if (name === '') return [];
  const options = $(control).find('option').not('[disabled]').toArray();
  const chosen = options.filter((option) => $(option).is('[selected]'));
  const value = (option: PageElement) => $(option).attr('value') ?? $(option).text().trim();
  if ($(control).is('[multiple]')) return chosen.map((option) => [name, value(option)]);
  const one = chosen.at(-1) ?? options[0];
  return one ? [[name, value(one)]] : [];
}
