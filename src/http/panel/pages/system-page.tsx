import { useState } from 'preact/hooks';
import type { CarrierView } from '../../../carrier-check/broker/carrier-view.js';
import type { HealthCheck, QueueView } from '../../rack-api.js';
import { resumeCarrier, useAnswer } from '../api.js';
import { dateTime } from '../format.js';
import { usePanel } from '../panel-context.js';
import { Answered } from '../parts/answer.js';
import { queueName } from '../queue-name.js';
import { hashOf } from '../route.js';

const EVERY_MS = 2_000;

/** Queues, carriers and whatever the daemon needs to work. */
export function SystemPage() {
  const { words } = usePanel();
  return (
    <div class="page">
      <h1>{words.nav.system}</h1>
      <Queues />
      <Carriers />
      <Health />
    </div>
  );
}

function Queues() {
  const { words } = usePanel();
  const { terms } = words;
  const answer = useAnswer<{ queues: readonly QueueView[] }>('/api/v1/queues', { every: EVERY_MS });
  return (
    <section class="card">
      <h2>{terms.queues}</h2>
      <Answered answer={answer}>
        {({ queues }) => (
          <div class="queues">
            {queues.map(({ queue, concurrency, active, waiting }) => (
              <section key={queue} class="queue" aria-label={queueName(queue, words)}>
                <h3>{queueName(queue, words)}</h3>
                <p class="quiet">
                  {terms.bound}: {concurrency}
                </p>
                <h4>
                  {terms.workingNow} <span class="count">{active.length}</span>
                </h4>
                <PortLinks ports={active} />
                <h4>
                  {terms.waitingNow} <span class="count">{waiting.length}</span>
                </h4>
                <PortLinks ports={waiting} />
              </section>
            ))}
          </div>
        )}
      </Answered>
    </section>
  );
}

function PortLinks({ ports }: { readonly ports: readonly string[] }) {
  const { words } = usePanel();
  if (ports.length === 0) return <p class="quiet">{words.terms.nobody}</p>;
  return (
    <ol class="port-links">
      {ports.map((port) => (
        <li key={port}>
          <a href={hashOf({ page: 'port', port })}>{port}</a>
        </li>
      ))}
    </ol>
  );
}

function Carriers() {
  const { words } = usePanel();
  const [again, setAgain] = useState(0);
  const answer = useAnswer<{ carriers: readonly CarrierView[] }>('/api/v1/carriers', {
    ...{ every: EVERY_MS, again },
  });
  return (
    <section class="card">
      <h2>{words.terms.carriersTitle}</h2>
      <Answered answer={answer}>
        {({ carriers }) =>
          carriers.length === 0 ? (
            <p>{words.terms.noCarriers}</p>
          ) : (
            <ul class="carriers">
              {carriers.map((carrier) => (
                <Carrier
                  key={carrier.carrier}
                  carrier={carrier}
                  onResumed={() => setAgain(again + 1)}
                />
              ))}
            </ul>
          )
        }
      </Answered>
    </section>
  );
}

function Carrier({
  carrier,
  onResumed,
}: {
  readonly carrier: CarrierView;
  readonly onResumed: () => void;
}) {
  const { words, language, by } = usePanel();
  const { terms } = words;
  const { breaker, rate, canary } = carrier;
  const resume = async () => {
    await resumeCarrier(carrier.carrier, by);
    onResumed();
  };
  return (
    <li class="carrier" data-state={breaker.state}>
      <h3>{words.carriers[carrier.carrier]}</h3>
      <p class="carrier-state">
        <strong>{words.breaker[breaker.state]}</strong>{' '}
        {breaker.outcome && <code>{breaker.outcome}</code>}
      </p>
      {breaker.until && (
        <p class="quiet">
          {dateTime(breaker.until, language)} {terms.until}
        </p>
      )}
      <p>
        {terms.inQueue} {carrier.waiting} / {terms.usedToday} {rate.usedToday} / {rate.perDay}
      </p>
      {canary.configured > 0 && (
        <p>
          {terms.lastCanary}:{' '}
          {canary.last
            ? `${canary.last.right ? terms.right : terms.wrong} ${dateTime(canary.last.at, language)}`
            : terms.unknown}
        </p>
      )}
      {breaker.state !== 'closed' && (
        <button type="button" class="button" data-action="resume" onClick={() => void resume()}>
          {terms.resume}
        </button>
      )}
    </li>
  );
}

function Health() {
  const { words } = usePanel();
  const { terms } = words;
  const answer = useAnswer<{ checks: readonly HealthCheck[] }>('/readyz', { every: EVERY_MS * 2 });
  return (
    <section class="card">
      <h2>{terms.health}</h2>
      <Answered answer={answer}>
        {({ checks }) => (
          <ul class="health">
            {checks.map(({ name, ok, detail }) => (
              <li key={name} data-ok={ok}>
                <strong>
                  {ok ? '✓' : '✗'} {ok ? terms.ok : terms.notOk}
                </strong>{' '}
                <code>{name}</code> <span>{detail}</span>
              </li>
            ))}
          </ul>
        )}
      </Answered>
    </section>
  );
}
