import type { PortView } from '../../../ports/view.js';
import { percent } from '../format.js';
import { usePanel } from '../panel-context.js';
import { Actions } from '../parts/actions.js';
import { Lamp } from '../parts/lamp.js';
import { Fact } from '../parts/run-facts.js';
import { RunView } from '../parts/run-view.js';
import { Shape } from '../parts/shape.js';
import { detailOf } from '../parts/tile.js';
import { reasonText } from '../reasons.js';

/** One port: what it shows, what to do, and everything on record of the run in it. */
export function PortPage({ port }: { readonly port: PortView }) {
  const { words, session } = usePanel();
  const run = session?.may.includes('history') ? port.run : null;
  return (
    <div class="page">
      <p>
        <a class="back" href="#/">
          ← {words.terms.back}
        </a>
      </p>
      <PortHead port={port} />
      <div class="columns">
        <div>
          <Actions port={port} />
          <PortFacts port={port} />
        </div>
        {run && <RunView run={run} again={`${port.state} ${port.stage} ${port.attempt}`} />}
      </div>
    </div>
  );
}

function PortHead({ port }: { readonly port: PortView }) {
  const panel = usePanel();
  const { words, language, now } = panel;
  const { light, attention, workOrder, progress, error } = port;
  return (
    <section class="port-head" data-light={light.name}>
      <h1>{port.port}</h1>
      <Shape name={light.name} />
      <p class="port-word">
        {light.word[language]} <Lamp light={light} />
        <small>{words.since(words.duration((now - Date.parse(port.since)) / 1000))}</small>
      </p>
      <div class="port-say">
        {attention && <p class="attention">{attention[language]}</p>}
        {workOrder && <p class="attention work-order">{workOrder[language]}</p>}
        {port.lane && <p class="attention">{words.laneMeans[port.lane]}</p>}
        {port.reasons.map((reason) => (
          <p key={reason}>{reasonText(reason, words, language)}</p>
        ))}
        {!attention && !workOrder && !port.lane && <p>{detailOf(port, panel)}</p>}
        {progress && (
          <progress
            max={100}
            value={percent(progress.done)}
            aria-label={words.stages[port.stage ?? 'identify']}
          />
        )}
        {error && (
          <p class="error">
            <code>{error.code}</code> {words.errors[error.code] ?? error.message}
          </p>
        )}
      </div>
    </section>
  );
}

function PortFacts({ port }: { readonly port: PortView }) {
  const { words } = usePanel();
  const { terms } = words;
  const { handset } = port;
  return (
    <section class="card">
      <h2>{terms.port}</h2>
      <dl class="facts">
        <Fact term={terms.state}>
          {words.states[port.state]}
          {port.held ? ` (${terms.held})` : ''}
        </Fact>
        <Fact term={terms.stage}>{port.stage && words.stages[port.stage]}</Fact>
        <Fact term={terms.handset}>
          {handset
            ? [handset.manufacturer, handset.model].filter((part) => part).join(' ')
            : terms.noHandset}
        </Fact>
        <Fact term={terms.verdict}>{port.verdict && words.verdicts[port.verdict]}</Fact>
        <Fact term={terms.lane}>{port.lane && words.lanes[port.lane]}</Fact>
        <Fact term={terms.controller}>{port.controller}</Fact>
        <Fact term={terms.usbPath}>{port.usbPaths.join(', ')}</Fact>
        <Fact term="USB">{port.condition}</Fact>
      </dl>
    </section>
  );
}
