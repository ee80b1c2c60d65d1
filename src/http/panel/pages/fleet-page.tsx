import type { Light, LightName } from '../../../ports/view.js';
import type { Fleet, FleetRack } from '../../panel-schemas.js';
import { useAnswer } from '../api.js';
import { clockTime } from '../format.js';
import { usePanel } from '../panel-context.js';
import { Answered } from '../parts/answer.js';
import { LightWord } from '../parts/lamp.js';
import { Shape } from '../parts/shape.js';

type Lights = readonly (Light & { readonly port: string })[];
type Places = readonly { readonly port: string; readonly row: number; readonly column: number }[];

const EVERY_MS = 1_000;

/** This rack and the others, small. */
export function FleetPage() {
  const { words, live, plan } = usePanel();
  const answer = useAnswer<Fleet>('/api/v1/fleet', { every: EVERY_MS });
  const own = (live.view?.ports ?? []).map(({ port, light }) => ({ port, ...light }));
  return (
    <div class="page">
      <h1>{words.nav.fleet}</h1>
      <div class="fleet">
        {plan && (
          <section class="card" aria-label={plan.rack}>
            <h2>
              {plan.rack} <small>{words.terms.thisRack}</small>
            </h2>
            <MiniRack lights={own} places={plan.places} />
          </section>
        )}
        <Answered answer={answer}>
          {({ racks }) => (
            <>
              {racks.map((rack) => (
                <OtherRack key={rack.url} rack={rack} />
              ))}
              {racks.length === 0 && <p class="quiet">{words.terms.noFleet}</p>}
            </>
          )}
        </Answered>
      </div>
    </div>
  );
}

function OtherRack({ rack }: { readonly rack: FleetRack }) {
  const { words, language } = usePanel();
  const { terms } = words;
  const why = {
    answers: '',
    silent: terms.silentRack,
    unreadable: terms.unreadableRack,
    refuses: terms.refusesRack,
  }[rack.state];
  return (
    <section class="card" aria-label={rack.name} data-state={rack.state}>
      <h2>
        <bdi>{rack.name}</bdi> <small>{rack.rack}</small>
      </h2>
      {rack.state !== 'answers' && (
        <p class="trouble">
          {why}
          {rack.answeredAt && ` (${terms.lastAnswer} ${clockTime(rack.answeredAt, language)})`}
        </p>
      )}
      <MiniRack lights={rack.lights} places={rack.plan?.places ?? []} />
      <p>
        <a href={rack.url} rel="noreferrer">
          {terms.openPanel}
        </a>
      </p>
    </section>
  );
}

function MiniRack({ lights, places }: { readonly lights: Lights; readonly places: Places }) {
  const { language } = usePanel();
  const counts = new Map<LightName, { light: Light; count: number }>();
  for (const light of lights)
    counts.set(light.name, { light, count: (counts.get(light.name)?.count ?? 0) + 1 });
  return (
    <>
      <ol class="mini">
        {lights.map((light) => {
          const place = places.find(({ port }) => port === light.port);
          const at = place ? { gridRow: place.row, gridColumn: place.column } : {};
          return (
            <li key={light.port} class="mini-tile" data-light={light.name} style={at}>
              <span aria-hidden="true">{light.port.slice(1)}</span>
              <Shape name={light.name} />
              <span class="visually-hidden">
                {light.port} {light.word[language]}
              </span>
            </li>
          );
        })}
      </ol>
      <ul class="mini-counts">
        {[...counts.values()].map(({ light, count }) => (
          <li key={light.name}>
            <LightWord light={light} /> <strong>{count}</strong>
          </li>
        ))}
      </ul>
    </>
  );
}
