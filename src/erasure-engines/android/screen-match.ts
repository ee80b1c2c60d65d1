import type { ScreenNode } from './parsers/screen.js';
import {
  RESET_SCREENS,
  type ScreenRecipe,
  type ScreenStep,
  WIDENING_BOXES,
} from './reset-screens.js';

/** Ids on which a screen asks for the lock's secret (AOSP Settings ConfirmLockPassword, ConfirmLockPattern). */
const SECRET = /:id\/(?:password_entry|lockPattern|lockPassword)$/;

export type ScreenReading =
  | {
      readonly kind: 'tap';
      readonly step: ScreenStep;
      readonly index: number;
      readonly node: ScreenNode;
    }
  | { readonly kind: 'tick'; readonly node: ScreenNode }
  | { readonly kind: 'secret' }
  | { readonly kind: 'unknown' };

export function recipeFor(maker: string): ScreenRecipe {
  const fits = RESET_SCREENS.find((recipe) => recipe.maker === null || recipe.maker.test(maker));
  return fits ?? { name: 'none', maker: null, packages: [], steps: [] };
}

/**
 * What to do on a screen. Pure. `from` is the first step that may come now: steps are never gone back. A button must
 * be in one of the recipe's packages, clickable, enabled and the only one that fits; an id beats a text, and of two
 * steps that fit by text alone the earlier one is meant, since AOSP names both its buttons the same.
 */
export function readScreen(
  nodes: readonly ScreenNode[],
  recipe: ScreenRecipe,
  from: number,
): ScreenReading {
  if (nodes.some(({ id, password }) => password || SECRET.test(id))) return { kind: 'secret' };
  const own = nodes.filter((node) => recipe.packages.includes(node.package) && node.enabled);
  const tappable = own.filter(({ clickable }) => clickable);
  const steps = recipe.steps.map((step, index) => ({ step, index })).slice(from);
  const byId = steps.find(({ step }) => tappable.some(({ id }) => step.ids.includes(id)));
  const fit = byId ?? steps.find(({ step }) => buttonsByText(own, step).length > 0);
  if (!fit) return { kind: 'unknown' };
  const buttons = byId
    ? tappable.filter(({ id }) => fit.step.ids.includes(id))
    : buttonsByText(own, fit.step);
  const [node] = buttons;
  if (!node || buttons.length !== 1) return { kind: 'unknown' };
  const box = tappable.find(
    ({ id, checked }) => WIDENING_BOXES.some((known) => known === id) && !checked,
  );
  return box
    ? { kind: 'tick', node: box }
    : { kind: 'tap', step: fit.step, index: fit.index, node };
}

/** A row of a settings list is clickable as a whole while its title is not, so only buttons must be clickable. */
function buttonsByText(own: readonly ScreenNode[], step: ScreenStep): ScreenNode[] {
  const wanted = step.texts.map((text) => text.toLowerCase());
  const fits = own.filter(({ text, id }) => wanted.includes(text.toLowerCase()) && !isHeading(id));
  const clickable = fits.filter((node) => node.clickable);
  return clickable.length > 0 || step.name !== 'menu' ? clickable : fits;
}

function isHeading(id: string): boolean {
  return /:id\/(?:action_bar|collapsing_toolbar|title_template|suc_layout_title|toolbar)/.test(id);
}

/** Texts of the buttons on a screen, for the person who adds the recipe; nothing that looks like an address. */
export function buttonTexts(nodes: readonly ScreenNode[]): string[] {
  const texts = nodes.filter(
    ({ clickable, text }) => clickable && text !== '' && !text.includes('@'),
  );
  return [...new Set(texts.map(({ text }) => text.slice(0, 40)))].slice(0, 8);
}
