import type { Light } from '../../../ports/view.js';
import { usePanel } from '../panel-context.js';
import { Shape } from './shape.js';

/** The light of a port as it hangs at the rack: the same colour, flashing the same way. */
export function Lamp({ light }: { readonly light: Light }) {
  return (
    <span class="lamp" data-colour={light.colour} data-pattern={light.pattern} aria-hidden="true" />
  );
}

/** Shape and word of a light in one line. */
export function LightWord({ light }: { readonly light: Light }) {
  const { language } = usePanel();
  return (
    <span class="light-word" data-light={light.name}>
      <Shape name={light.name} />
      {light.word[language]}
    </span>
  );
}
